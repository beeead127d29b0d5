package io.datawarehouse.kernel.peer.grpc;

import io.datawarehouse.kernel.peer.Batch;
import io.datawarehouse.kernel.peer.EncodedFrame;
import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.MalformedFrame;
import io.datawarehouse.kernel.peer.PeerFrame;
import io.datawarehouse.kernel.peer.PeerLink;
import io.datawarehouse.kernel.peer.PeerNetwork.Receiver;
import io.datawarehouse.kernel.peer.SendQueue;
import io.datawarehouse.sdk.cluster.NodeId;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** A link over one stream. Thread-safe. */
final class GrpcLink implements PeerLink, SendQueue.Sink {

  private static final System.Logger LOG = System.getLogger(GrpcLink.class.getName());
  private static final int FRAMES_BEFORE_FLUSH = 64;
  private static final int MOST_SKIPPED = 64;
  private static final int LARGE = 4 << 10;

  /** What a link needs of its network. */
  record Surroundings(
      Receiver receiver,
      FrameCodec codec,
      SendQueue.Limits limits,
      int mostBytes,
      int zstdAbove,
      LinkMetrics metrics) {}

  /** Who is at the other end, as the handshake found. */
  record Peer(NodeId node, long incarnation, Set<String> features, String name) {}

  private enum Phase {
    /** The handshake is not through. */
    GREETING,
    UP,
    DOWN
  }

  private final Wire wire;
  private final Peer peer;
  private final Surroundings surroundings;
  private final LongFunction<InputStream> contents;
  private final BiConsumer<GrpcLink, String> ended;
  private final SendQueue queue;

  /** The event loop that serves the stream; null where it is not known. */
  private final @Nullable EventExecutor loop;

  /** Whether the event loop has been asked to drain and has not begun. */
  private final AtomicBoolean toDrain = new AtomicBoolean();

  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.GREETING);

  /** When something came last, by the network's ticks; written by the transport's thread. */
  private volatile long lastHeard;

  private volatile boolean leaving;

  /** Whether this end's half is to end. */
  private volatile boolean ending;

  // Used by the drainer alone: compression that brings nothing is not tried again for a while.
  private int skip;
  private int skipNext = 1;

  GrpcLink(
      Wire wire,
      Peer peer,
      Surroundings surroundings,
      LongFunction<InputStream> contents,
      BiConsumer<GrpcLink, String> ended,
      Optional<EventExecutor> loop,
      long now) {
    this.wire = wire;
    this.peer = peer;
    this.surroundings = surroundings;
    this.contents = contents;
    this.ended = ended;
    this.loop = loop.orElse(null);
    this.lastHeard = now;
    this.queue = new SendQueue(surroundings.limits, this);
  }

  @Override
  public NodeId peer() {
    return peer.node;
  }

  @Override
  public long incarnation() {
    return peer.incarnation;
  }

  @Override
  public Set<String> features() {
    return peer.features;
  }

  @Override
  public FrameCodec codec() {
    return surroundings.codec;
  }

  /** Returns the name that both ends know the link by. */
  String name() {
    return peer.name;
  }

  @Override
  public Sending send(byte[] frame) {
    return send(EncodedFrame.of(frame));
  }

  @Override
  public Sending send(EncodedFrame frame) {
    if (phase.get() == Phase.DOWN) {
      return Sending.DOWN;
    }
    if (!queue.add(frame)) {
      return Sending.FULL;
    }
    drain(frame.length());
    return Sending.TAKEN;
  }

  /**
   * Sees that what waits is sent. Small frames are left to the event loop, which has to be woken
   * for each of them anyway: what others add until it comes goes together. Large ones are written
   * where they are added, so that copying them does not take the event loop's time.
   */
  private void drain(int length) {
    EventExecutor serving = loop;
    if (serving == null || length >= LARGE || serving.inEventLoop()) {
      queue.drain();
    } else if (!toDrain.get() && toDrain.compareAndSet(false, true)) {
      try {
        serving.execute(this::drainNow);
      } catch (RejectedExecutionException e) {
        // The network closes; who waits is told by that.
        drainNow();
      }
    }
  }

  private void drainNow() {
    toDrain.set(false);
    queue.drain();
  }

  @Override
  public void sendFirst(byte[] frame) {
    if (phase.get() != Phase.DOWN) {
      queue.offerUrgent(EncodedFrame.of(frame));
    }
  }

  @Override
  public int waiting() {
    return queue.waiting();
  }

  @Override
  public InputStream open(long content) {
    return contents.apply(content);
  }

  @Override
  public void cut(String reason) {
    wire.abort(reason);
    goDown(reason);
    ended.accept(this, reason);
  }

  /**
   * Ends this end's half once all that waits is sent, which another thread may be doing just now;
   * the link is down when the peer ends too.
   */
  void endOrderly() {
    leaving = true;
    ending = true;
    queue.whenEmpty(this::endWire);
  }

  private void endWire() {
    try {
      wire.end();
    } catch (IllegalStateException e) {
      LOG.log(System.Logger.Level.DEBUG, "the stream had ended already", e);
    }
  }

  /** Tells the receiver that the link is up, and lets frames through. */
  void goUp() {
    if (phase.compareAndSet(Phase.GREETING, Phase.UP)) {
      surroundings.receiver.up(this);
      queue.drain();
      if (phase.get() == Phase.DOWN) {
        // Cut in between, when the receiver may not have known it yet; telling twice is harmless.
        surroundings.receiver.down(this, "it was cut", leaving);
      }
    }
  }

  /** Tells the receiver that the link is down, once; nothing if it never was up. */
  boolean goDown(String reason) {
    Phase before = phase.getAndSet(Phase.DOWN);
    if (ending) {
      // What waits goes nowhere any more.
      endWire();
    }
    if (before == Phase.UP) {
      surroundings.receiver.down(this, reason, leaving);
    }
    return before != Phase.DOWN;
  }

  long lastHeard() {
    return lastHeard;
  }

  void heardAt(long now) {
    lastHeard = now;
  }

  // ---- what comes, on the transport's thread --------------------------------------------------

  /** Takes a batch apart; answers that are given at once go out together at the end. */
  void onBatch(Parcel batch, long now) {
    lastHeard = now;
    boolean corked = queue.cork();
    Incoming incoming = new Incoming(corked);
    try {
      Batch.read(
          batch.received(), batch.length(), surroundings.mostBytes, surroundings.codec, incoming);
      surroundings.metrics.received(incoming.frames, batch.length());
      wire.request(1);
    } catch (MalformedFrame e) {
      LOG.log(
          System.Logger.Level.WARNING,
          () -> "node " + peer.node + " at " + wire.remote() + " sent what cannot be read",
          e);
      cut("what came cannot be read");
    } finally {
      if (incoming.corked) {
        queue.uncork();
      }
    }
  }

  /** The frames of one batch. */
  private final class Incoming implements Consumer<PeerFrame> {

    private boolean corked;
    private int frames;

    Incoming(boolean corked) {
      this.corked = corked;
    }

    @Override
    public void accept(PeerFrame frame) {
      if (frame instanceof PeerFrame.Leaving) {
        leaving = true;
      }
      try {
        surroundings.receiver.received(GrpcLink.this, frame);
      } catch (RuntimeException e) {
        // One message's trouble must not cost all others the link.
        LOG.log(System.Logger.Level.WARNING, () -> "a frame of " + peer.node + " was not taken", e);
      }
      if (++frames % FRAMES_BEFORE_FLUSH == 0 && corked) {
        queue.uncork();
        corked = queue.cork();
      }
    }
  }

  void onReady() {
    queue.drain();
  }

  // ---- what goes ------------------------------------------------------------------------------

  @Override
  public boolean ready() {
    return phase.get() == Phase.UP && wire.ready();
  }

  @Override
  public void send(List<EncodedFrame> frames, int bytes) {
    try {
      Parcel parcel = parcelOf(frames, bytes);
      // Counted first: whoever gets an answer finds what was sent for it counted.
      surroundings.metrics.sent(frames.size(), parcel.length());
      wire.send(parcel);
    } catch (RuntimeException e) {
      // The transport refuses because the stream is over; whoever waits is told by that.
      LOG.log(System.Logger.Level.DEBUG, () -> "nothing can be sent to " + peer.node, e);
      cut("nothing can be sent any more");
    }
  }

  private Parcel parcelOf(List<EncodedFrame> frames, int bytes) {
    if (bytes < surroundings.zstdAbove || !peer.features.contains(GrpcPeerNetwork.ZSTD)) {
      return Parcel.ofFrames(frames, bytes);
    }
    if (skip > 0) {
      skip--;
      return Parcel.ofFrames(frames, bytes);
    }
    byte[] plain = Batch.join(frames, bytes);
    byte[] packed = Batch.compress(plain);
    if (packed == plain) {
      skip = skipNext;
      skipNext = Math.min(MOST_SKIPPED, skipNext * 2);
    } else {
      skipNext = 1;
    }
    return Parcel.of(packed, packed.length);
  }
}
