package io.datawarehouse.testkit.fixtureone;

import org.junit.jupiter.api.Test;

/** Asks for something else. */
public abstract class WithContractOfAnotherContract {

  protected abstract String subject();

  @Test
  void hasOne() {
    subject();
  }
}
