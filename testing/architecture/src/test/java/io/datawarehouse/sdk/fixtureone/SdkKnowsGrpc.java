package io.datawarehouse.sdk.fixtureone;

import io.grpc.fixture.StandIn;

/** A contract that knows Grpc. */
public final class SdkKnowsGrpc {
  public final StandIn other = new StandIn();
}
