package io.datawarehouse.testkit.p2p;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.p2p.P2PNetwork;
import org.junit.jupiter.api.AfterEach;

class SampleNetContractTest extends P2PNetworkContract {

  private final SampleNet net = make();
  private final P2PNetwork first = net.join("a");
  private final P2PNetwork second = net.join("b");

  /** Makes a network; those that break the contract make others. */
  SampleNet make() {
    return new SampleNet();
  }

  @Override
  protected P2PNetwork first() {
    return first;
  }

  @Override
  protected P2PNetwork second() {
    return second;
  }

  @Override
  protected P2PNetwork joinThird() {
    return net.join("c");
  }

  @Override
  protected void tryToJoinWithoutProof(NodeId name) {
    net.join(name, "guessed");
  }

  @AfterEach
  void end() {
    net.close();
  }
}
