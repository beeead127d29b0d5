package io.datawarehouse.kernel.fixtureone;

import io.datawarehouse.kernel.fixturetwo.There;

/** One half of a cycle. */
public final class Here {
  public void call(There there) {
    there.call(this);
  }
}
