package io.datawarehouse.sdk.fixtureone;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;

public interface WithContractOfAnother {

  CapabilityKey<WithContractOfAnother> CAPABILITY =
      CapabilityKey.of("fixture", WithContractOfAnother.class, Cardinality.MULTI);
}
