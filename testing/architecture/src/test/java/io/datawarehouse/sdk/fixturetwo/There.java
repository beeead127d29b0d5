package io.datawarehouse.sdk.fixturetwo;

import io.datawarehouse.sdk.fixtureone.Here;

/** The other half of a cycle. */
public final class There {
  public void call(Here here) {
    here.call(this);
  }
}
