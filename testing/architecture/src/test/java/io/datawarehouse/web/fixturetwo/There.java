package io.datawarehouse.web.fixturetwo;

import io.datawarehouse.web.fixtureone.Here;

/** The other half of a cycle. */
public final class There {
  public void call(Here here) {
    here.call(this);
  }
}
