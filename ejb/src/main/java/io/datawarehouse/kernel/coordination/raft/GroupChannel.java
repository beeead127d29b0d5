package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.coordination.Group;
import io.datawarehouse.kernel.jgroups.ClusterTransport;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jgroups.Address;
import org.jgroups.JChannel;
import org.jgroups.View;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.raft.NO_DUPES;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.raft.util.Utils;
import org.jgroups.stack.Protocol;
import org.jgroups.util.ExtendedUUID;
import org.jspecify.annotations.Nullable;

/** The channel of a coordinator, with the replicated log on top. Thread-safe. */
final class GroupChannel implements AutoCloseable {

  private static final String CLUSTER = "datawarehouse-coordination";

  private final JChannel channel;
  private final Parts parts;

  /**
   * What a channel is made of.
   *
   * @param foreign keeps other groups out
   * @param raft the log
   * @param election the election
   * @param courier carries what is said beside the log
   */
  record Parts(
      ForeignGroups foreign, GuardedRaft raft, CarefulElection election, Courier courier) {}

  /**
   * Makes a channel that is not connected yet.
   *
   * @param lower from the socket up to fragmentation, with what keeps other groups out
   */
  GroupChannel(NodeId node, List<Protocol> lower, Parts parts) throws Exception {
    List<Protocol> protocols = new ArrayList<>();
    for (Protocol protocol : lower) {
      if (protocol instanceof GMS) {
        protocols.add(new NO_DUPES());
      }
      protocols.add(protocol);
    }
    protocols.add(parts.election());
    protocols.add(parts.raft());
    protocols.add(parts.courier());
    this.channel = ClusterTransport.channel(protocols);
    this.parts = parts;
    channel.setName(node.value());
  }

  void connect() throws Exception {
    channel.connect(CLUSTER);
  }

  /** Takes up the log of a group, and refuses all others. */
  void enter(Group group) {
    parts.foreign().belongTo(group.id());
    parts.raft().begin(group.founders().stream().map(NodeId::value).toList());
  }

  JChannel channel() {
    return channel;
  }

  GuardedRaft raft() {
    return parts.raft();
  }

  CarefulElection election() {
    return parts.election();
  }

  Courier courier() {
    return parts.courier();
  }

  boolean isSelf(@Nullable Address address) {
    return address != null && address.equals(channel.getAddress());
  }

  /** Returns who is in view, in its order; nobody before it is connected. */
  List<Address> inView() {
    View view = courier().view();
    return view == null ? List.of() : view.getMembers();
  }

  /** Returns where a node is; empty if it is not in view. */
  Optional<Address> find(NodeId node) {
    return inView().stream().filter(address -> node.equals(nodeOf(address))).findFirst();
  }

  /** Returns which node an address belongs to; null where none does. */
  static @Nullable NodeId nodeOf(@Nullable Address address) {
    if (!(address instanceof ExtendedUUID uuid) || uuid.get(RAFT.raft_id_key) == null) {
      return null;
    }
    return new NodeId(Utils.extractRaftId(uuid));
  }

  @Override
  public void close() {
    ClusterTransport.close(channel);
  }
}
