package io.datawarehouse.sdk.fixtureone;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;

public interface WithoutContract {

  CapabilityKey<WithoutContract> CAPABILITY =
      CapabilityKey.of("fixture", WithoutContract.class, Cardinality.MULTI);
}
