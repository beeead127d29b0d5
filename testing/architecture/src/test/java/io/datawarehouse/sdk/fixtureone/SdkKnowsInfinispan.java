package io.datawarehouse.sdk.fixtureone;

import org.infinispan.fixture.StandIn;

/** A contract that knows Infinispan. */
public final class SdkKnowsInfinispan {
  public final StandIn other = new StandIn();
}
