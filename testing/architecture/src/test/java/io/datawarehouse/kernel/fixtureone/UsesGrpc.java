package io.datawarehouse.kernel.fixtureone;

import io.grpc.fixture.StandIn;

/** A core that knows gRPC. */
public final class UsesGrpc {
  public final StandIn other = new StandIn();
}
