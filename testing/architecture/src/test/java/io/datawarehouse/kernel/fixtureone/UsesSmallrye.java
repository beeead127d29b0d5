package io.datawarehouse.kernel.fixtureone;

import io.smallrye.fixture.StandIn;

/** A core that knows SmallRye. */
public final class UsesSmallrye {
  public final StandIn other = new StandIn();
}
