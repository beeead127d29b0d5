package io.datawarehouse.web.fixtureone;

import io.datawarehouse.web.fixturetwo.There;

/** One half of a cycle. */
public final class Here {
  public void call(There there) {
    there.call(this);
  }
}
