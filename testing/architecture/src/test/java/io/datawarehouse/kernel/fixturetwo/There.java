package io.datawarehouse.kernel.fixturetwo;

import io.datawarehouse.kernel.fixtureone.Here;

/** The other half of a cycle. */
public final class There {
  public void call(Here here) {
    here.call(this);
  }
}
