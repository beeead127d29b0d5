package io.datawarehouse.testkit.provision;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.provision.NodeProvisioner;
import java.util.Set;

class SampleSlotsContractTest extends NodeProvisionerContract {

  private final SampleSlots.World world = new SampleSlots.World();
  private NodeProvisioner provisioner = make(world);

  /** Makes a provisioner; those that break the contract make others. */
  NodeProvisioner make(SampleSlots.World outside) {
    return new SampleSlots(outside);
  }

  @Override
  protected NodeProvisioner provisioner() {
    return provisioner;
  }

  @Override
  protected void restarted() {
    provisioner = make(world);
  }

  @Override
  protected Set<NodeId> running() {
    return world.running();
  }

  @Override
  protected NodeId startForeignNode() {
    NodeId foreign = new NodeId("foreign");
    world.start(foreign);
    return foreign;
  }

  @Override
  protected void failNext() {
    world.failNext();
  }
}
