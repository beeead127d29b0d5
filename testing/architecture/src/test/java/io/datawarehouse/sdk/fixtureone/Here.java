package io.datawarehouse.sdk.fixtureone;

import io.datawarehouse.sdk.fixturetwo.There;

/** One half of a cycle. */
public final class Here {
  public void call(There there) {
    there.call(this);
  }
}
