package io.datawarehouse.sdk.fixtureone;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;

public interface WithHollowContract {

  CapabilityKey<WithHollowContract> CAPABILITY =
      CapabilityKey.of("fixture", WithHollowContract.class, Cardinality.MULTI);
}
