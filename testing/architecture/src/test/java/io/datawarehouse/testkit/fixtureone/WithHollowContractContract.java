package io.datawarehouse.testkit.fixtureone;

import io.datawarehouse.sdk.fixtureone.WithHollowContract;

/** Has no test. */
public abstract class WithHollowContractContract {

  protected abstract WithHollowContract subject();
}
