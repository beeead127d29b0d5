package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.PeerAddress;
import io.datawarehouse.kernel.peer.PeerErrors;
import io.datawarehouse.kernel.peer.PeerFrame;
import io.datawarehouse.kernel.peer.PeerLink;
import io.datawarehouse.kernel.peer.PeerNetwork;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Content;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Links in memory, moved on by the test: a frame arrives when {@link #step} says so, from a stream
 * that a seed chooses; a cut loses what is on its way. Frames go through their form on the wire.
 * Confined to one thread.
 */
final class SimulatedNetwork {

  private final Random random;
  private final Clock clock;
  private final Map<NodeId, Member> members = new HashMap<>();
  private final List<Stream> streams = new ArrayList<>();
  private final Set<Set<NodeId>> cuts = new HashSet<>();

  SimulatedNetwork(long seed, Clock clock) {
    this.random = new Random(seed);
    this.clock = clock;
  }

  /** Returns the network of one node. */
  PeerNetwork member(NodeId id, long incarnation) {
    return new Member(id, incarnation);
  }

  /**
   * Lets one thing happen somewhere: a frame arrives, or two nodes that may have a link get one.
   */
  boolean step() {
    List<Stream> busy = streams.stream().filter(stream -> !stream.frames.isEmpty()).toList();
    if (busy.isEmpty()) {
      return connectOne();
    }
    busy.get(random.nextInt(busy.size())).deliver();
    return true;
  }

  private boolean connectOne() {
    for (Member one : List.copyOf(members.values())) {
      for (NodeId id : one.wanted) {
        Member other = members.get(id);
        if (other != null && !one.links.containsKey(id) && !cuts.contains(Set.of(one.id, id))) {
          connect(one, other);
          return true;
        }
      }
    }
    return false;
  }

  private void connect(Member one, Member other) {
    Stream there = new Stream(one, other);
    Stream back = new Stream(other, one);
    there.link.other = back.link;
    back.link.other = there.link;
    streams.add(there);
    streams.add(back);
    one.links.put(other.id, there.link);
    other.links.put(one.id, back.link);
    one.receiver.up(there.link);
    other.receiver.up(back.link);
  }

  /** Breaks the link of two nodes; what is on its way is lost. */
  void breakLink(NodeId one, NodeId other) {
    Member member = members.get(one);
    Link link = member == null ? null : member.links.get(other);
    if (link != null) {
      link.cut("by the test");
    }
  }

  void cut(NodeId one, NodeId other) {
    cuts.add(Set.of(one, other));
    breakLink(one, other);
  }

  void healAll() {
    cuts.clear();
  }

  /** A node falls out of the network without a word. */
  void crash(NodeId id) {
    Member gone = members.remove(id);
    List.copyOf(gone.links.values()).forEach(link -> link.cut("its node crashed"));
  }

  private final class Member implements PeerNetwork {

    private final NodeId id;
    private final long incarnation;
    private final Map<NodeId, Link> links = new HashMap<>();
    private Set<NodeId> wanted = Set.of();
    private Receiver receiver;

    Member(NodeId id, long incarnation) {
      this.id = id;
      this.incarnation = incarnation;
    }

    @Override
    public int start(Receiver newReceiver) {
      receiver = newReceiver;
      members.put(id, this);
      return 1;
    }

    @Override
    public void reach(Collection<PeerAddress> peers) {
      wanted = new HashSet<>();
      peers.forEach(peer -> wanted.add(peer.node()));
    }

    @Override
    public void close() {
      if (members.get(id) == this) {
        crash(id);
      }
    }
  }

  /** One direction of a link. */
  private final class Stream {

    private final Deque<byte[]> frames = new ArrayDeque<>();
    private final Link link;
    private final Member to;

    Stream(Member from, Member to) {
      this.to = to;
      this.link = new Link(this, from, to);
    }

    void deliver() {
      byte[] bytes = frames.remove();
      to.receiver.received(link.other, link.codec.decode(bytes, 0, bytes.length));
    }
  }

  /** One end of a link. */
  private final class Link implements PeerLink {

    private final Stream out;
    private final Member from;
    private final Member to;
    private final FrameCodec codec = new FrameCodec(Json.codec(), clock);
    private Link other;
    private boolean down;

    Link(Stream out, Member from, Member to) {
      this.out = out;
      this.from = from;
      this.to = to;
    }

    @Override
    public NodeId peer() {
      return to.id;
    }

    @Override
    public long incarnation() {
      return to.incarnation;
    }

    @Override
    public Set<String> features() {
      return Set.of();
    }

    @Override
    public FrameCodec codec() {
      return codec;
    }

    @Override
    public Sending send(byte[] frame) {
      if (down) {
        return Sending.DOWN;
      }
      out.frames.add(frame);
      return Sending.TAKEN;
    }

    @Override
    public void sendFirst(byte[] frame) {
      if (!down) {
        out.frames.addFirst(frame);
      }
    }

    @Override
    public int waiting() {
      return out.frames.size();
    }

    @Override
    public InputStream open(long content) {
      return to.receiver
          .take(other, content)
          .map(Content::stream)
          .orElseGet(
              () ->
                  new InputStream() {
                    @Override
                    public int read() throws IOException {
                      throw new IOException(
                          PeerErrors.unreachable(to.id, "no such content").detail());
                    }
                  });
    }

    @Override
    public void cut(String reason) {
      if (!down) {
        down = true;
        out.frames.clear();
        streams.remove(out);
        from.links.remove(to.id, this);
        from.receiver.down(this, reason, false);
        other.cut(reason);
      }
    }
  }

  /** Returns a heartbeat of each link, as the clock of a real network would send. */
  void beat() {
    for (Member member : List.copyOf(members.values())) {
      for (Link link : List.copyOf(member.links.values())) {
        PeerFrame.Heartbeat heartbeat = member.receiver.heartbeat(link);
        link.sendFirst(link.codec.encode(heartbeat));
      }
    }
  }
}
