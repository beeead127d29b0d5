package io.datawarehouse.testkit.p2p;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.p2p.GossipProtocol;
import java.time.Clock;
import java.util.Random;

class SampleGossipContractTest extends GossipProtocolContract {

  @Override
  protected GossipProtocol node(NodeId self, long seed, Clock clock) {
    return new SampleGossip(self, new Random(seed));
  }
}
