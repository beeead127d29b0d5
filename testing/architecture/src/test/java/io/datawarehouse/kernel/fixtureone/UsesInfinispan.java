package io.datawarehouse.kernel.fixtureone;

import org.infinispan.fixture.StandIn;

/** A core that knows Infinispan. */
public final class UsesInfinispan {
  public final StandIn other = new StandIn();
}
