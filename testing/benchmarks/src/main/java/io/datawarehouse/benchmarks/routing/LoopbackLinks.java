package io.datawarehouse.benchmarks.routing;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.PeerAddress;
import io.datawarehouse.kernel.peer.PeerLink;
import io.datawarehouse.kernel.peer.PeerNetwork;
import io.datawarehouse.sdk.cluster.NodeId;
import java.io.InputStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Links between nodes of one process: a frame is written, read and taken by the other node before
 * sending returns. Set up by one thread; the links may be used by many.
 */
final class LoopbackLinks {

  private final Map<NodeId, End> ends = new LinkedHashMap<>();

  /** Returns the links of a node. */
  PeerNetwork of(NodeId self) {
    End end = new End(self);
    ends.put(self, end);
    return end;
  }

  /** Links all nodes that have been started. */
  void connect() {
    List<End> all = List.copyOf(ends.values());
    for (int one = 0; one < all.size(); one++) {
      for (int other = one + 1; other < all.size(); other++) {
        Link there = new Link(all.get(one), all.get(other));
        Link back = new Link(all.get(other), all.get(one));
        there.reverse = back;
        back.reverse = there;
        all.get(one).up(there);
        all.get(other).up(back);
      }
    }
  }

  private static final class End implements PeerNetwork {

    private final NodeId self;
    private final List<Link> links = new ArrayList<>();
    private Receiver receiver;

    End(NodeId self) {
      this.self = self;
    }

    void up(Link link) {
      links.add(link);
      receiver.up(link);
    }

    @Override
    public int start(Receiver newReceiver) {
      receiver = newReceiver;
      return 1;
    }

    @Override
    public void reach(Collection<PeerAddress> peers) {
      // All are linked beforehand.
    }

    @Override
    public void close() {
      links.forEach(link -> link.cut("the node stops"));
    }
  }

  private static final class Link implements PeerLink {

    private final End from;
    private final End to;
    private final FrameCodec codec = new FrameCodec(Json.codec(), Clock.systemUTC());
    private Link reverse;
    private boolean down;

    Link(End from, End to) {
      this.from = from;
      this.to = to;
    }

    @Override
    public NodeId peer() {
      return to.self;
    }

    @Override
    public long incarnation() {
      return 1;
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
      to.receiver.received(
          Objects.requireNonNull(reverse), reverse.codec.decode(frame, 0, frame.length));
      return Sending.TAKEN;
    }

    @Override
    public void sendFirst(byte[] frame) {
      if (reverse != null && to.links.contains(reverse)) {
        send(frame);
      }
    }

    @Override
    public int waiting() {
      return 0;
    }

    @Override
    public InputStream open(long content) {
      return InputStream.nullInputStream();
    }

    @Override
    public void cut(String reason) {
      if (!down) {
        down = true;
        from.receiver.down(this, reason, true);
      }
    }
  }
}
