package io.datawarehouse.kernel.coordination.raft;

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
import org.jgroups.util.Util;
import org.jspecify.annotations.Nullable;

/**
 * One channel of a coordinator: with the replicated log for a node of a group, without it for a
 * node that has none. Thread-safe.
 */
final class GroupChannel implements AutoCloseable {

  private static final String CLUSTER = "datawarehouse-coordination";

  private final JChannel channel;
  private final Courier courier;
  private final Optional<Member> member;

  /**
   * What a node of a group has on top.
   *
   * @param group its group's id
   * @param raft the log
   * @param election the election
   */
  record Member(String group, GuardedRaft raft, CarefulElection election) {}

  private GroupChannel(JChannel channel, Courier courier, Optional<Member> member) {
    this.channel = channel;
    this.courier = courier;
    this.member = member;
  }

  /** Makes a channel that is not connected yet. */
  static GroupChannel of(
      NodeId node, List<Protocol> lower, Optional<Member> member, Courier courier)
      throws Exception {
    List<Protocol> protocols = new ArrayList<>(lower);
    int gms = 0;
    while (!(protocols.get(gms) instanceof GMS)) {
      gms++;
    }
    protocols.add(gms, new NO_DUPES());
    member.ifPresent(
        present -> {
          protocols.add(present.election());
          protocols.add(present.raft());
        });
    protocols.add(courier);
    JChannel channel = new JChannel(protocols);
    channel.setName(node.value());
    channel.addAddressGenerator(
        () -> {
          ExtendedUUID address = ExtendedUUID.randomUUID(node.value());
          address.put(RAFT.raft_id_key, Util.stringToBytes(node.value()));
          return member
              .map(present -> ForeignGroups.mark(address, present.group()))
              .orElse(address);
        });
    return new GroupChannel(channel, courier, member);
  }

  void connect() throws Exception {
    channel.connect(CLUSTER);
  }

  JChannel channel() {
    return channel;
  }

  Courier courier() {
    return courier;
  }

  Optional<Member> member() {
    return member;
  }

  /** Returns who is in view, in its order; nobody before it is connected. */
  List<Address> inView() {
    View view = courier.view();
    return view == null ? List.of() : view.getMembers();
  }

  /** Returns where a node is; empty if it is not in view. */
  Optional<Address> find(NodeId node) {
    return inView().stream().filter(address -> node.equals(nodeOf(address))).findFirst();
  }

  static @Nullable NodeId nodeOf(@Nullable Address address) {
    if (!(address instanceof ExtendedUUID uuid) || uuid.get(RAFT.raft_id_key) == null) {
      return null;
    }
    return new NodeId(Utils.extractRaftId(uuid));
  }

  @Override
  public void close() {
    channel.close();
  }
}
