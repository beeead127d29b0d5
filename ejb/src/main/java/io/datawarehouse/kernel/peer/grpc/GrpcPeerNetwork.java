package io.datawarehouse.kernel.peer.grpc;

import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.LinkTable;
import io.datawarehouse.kernel.peer.PeerAddress;
import io.datawarehouse.kernel.peer.PeerErrors;
import io.datawarehouse.kernel.peer.PeerLink;
import io.datawarehouse.kernel.peer.PeerNetwork;
import io.datawarehouse.kernel.peer.SendQueue;
import io.datawarehouse.kernel.trust.JoinProofs;
import io.datawarehouse.kernel.trust.TlsMaterial;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.federation.FederationHello;
import io.datawarehouse.sdk.message.PayloadCodec;
import io.datawarehouse.sdk.metric.Metrics;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Links over gRPC. Thread-safe.
 *
 * <p>Each pair of nodes has one stream of messages, on a connection of its own; which of two stands
 * when both call is {@link LinkTable}'s business. Contents go over a second connection, so that
 * they do not stand in the way of messages. All callbacks run on the transport's event loops: there
 * a frame is decoded, given to its receiver, and what that answers at once is sent.
 *
 * <p>A link that is silent for too long is cut; a peer that should be there is called again after a
 * growing time with chance in it.
 */
public final class GrpcPeerNetwork implements PeerNetwork {

  /** The feature that batches may be compressed. */
  public static final String ZSTD = "zstd";

  private static final System.Logger LOG = System.getLogger(GrpcPeerNetwork.class.getName());

  /**
   * What the network is made of.
   *
   * @param self what this node says of itself; its features are what the settings allow
   * @param host the address to listen at
   * @param port the port to listen at; 0 for any
   * @param proofs proves that nodes hold the join token
   * @param tls what TLS needs; empty for plain text
   * @param payloads encodes payloads
   * @param clock tells how much of a deadline is left
   * @param ticker nanoseconds that only grow
   * @param random draws names of links and waiting times; must not be guessable
   * @param timer ticks for heartbeats and calls
   * @param executor makes calls: its tasks block; may refuse
   * @param threads makes the threads of the event loops
   * @param metrics counts
   * @param settings sizes and times
   */
  public record Options(
      FederationHello self,
      String host,
      int port,
      JoinProofs proofs,
      Optional<TlsMaterial> tls,
      PayloadCodec payloads,
      Clock clock,
      LongSupplier ticker,
      RandomGenerator random,
      ScheduledExecutorService timer,
      Executor executor,
      ThreadFactory threads,
      Metrics metrics,
      Settings settings) {

    /** Checks that nothing is missing. */
    public Options {
      Objects.requireNonNull(self, "self");
      Objects.requireNonNull(tls, "tls");
    }
  }

  /**
   * Sizes and times.
   *
   * @param eventLoops how many threads the transport has
   * @param queueFrames how many frames may wait for one peer
   * @param queueBytes how many bytes may wait for one peer
   * @param batchBytes with how many bytes a batch is full
   * @param mostBytes how long one frame may be
   * @param zstdAbove from how many bytes on a batch is compressed, where both ends can
   * @param heartbeat how often a node says that it is alive
   * @param silence after which silence a link is cut
   * @param stall how long a content may make no progress
   * @param handshake how long a call and its handshake may take
   * @param shortestPause the first pause before a peer is called again
   * @param longestPause the longest one
   * @param flowWindow how many bytes of one stream may be on their way
   */
  public record Settings(
      int eventLoops,
      int queueFrames,
      long queueBytes,
      int batchBytes,
      int mostBytes,
      int zstdAbove,
      Duration heartbeat,
      Duration silence,
      Duration stall,
      Duration handshake,
      Duration shortestPause,
      Duration longestPause,
      int flowWindow) {

    private static final Settings DEFAULTS =
        new Settings(
            2,
            16_384,
            64L << 20,
            256 << 10,
            32 << 20,
            8 << 10,
            Duration.ofMillis(500),
            silenceFor(Duration.ofMillis(500)),
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Duration.ofMillis(50),
            Duration.ofSeconds(2),
            1 << 20);

    /** Checks; the error names the field. */
    public Settings {
      requirePositive("eventLoops", eventLoops);
      requirePositive("queueFrames", queueFrames);
      requirePositive("queueBytes", queueBytes);
      requirePositive("batchBytes", batchBytes);
      requirePositive("mostBytes", mostBytes);
      requirePositive("zstdAbove", zstdAbove);
      requirePositive("heartbeat", heartbeat.toMillis());
      requirePositive("stall", stall.toMillis());
      requirePositive("handshake", handshake.toMillis());
      requirePositive("shortestPause", shortestPause.toMillis());
      requirePositive("longestPause", longestPause.toMillis());
      requirePositive("flowWindow", flowWindow);
      if (silence.compareTo(heartbeat.multipliedBy(2)) < 0) {
        throw WarehouseException.invalid("silence", silence, "use at least two heartbeats");
      }
    }

    private static void requirePositive(String field, long value) {
      if (value < 1) {
        throw WarehouseException.invalid(field, value, "must be more than zero");
      }
    }

    /**
     * Returns the silence that goes with a heartbeat, 4.8 of it: a node that is frozen has lost its
     * links before six heartbeats are over, so it gets no requests that only it could answer.
     */
    public static Duration silenceFor(Duration heartbeat) {
      return heartbeat.multipliedBy(24).dividedBy(5);
    }

    /** Returns the defaults. */
    public static Settings defaults() {
      return DEFAULTS;
    }

    /** Returns these settings with other limits of what waits for one peer. */
    public Settings withQueue(int frames, long bytes) {
      return new Settings(
          eventLoops,
          frames,
          bytes,
          batchBytes,
          mostBytes,
          zstdAbove,
          heartbeat,
          silence,
          stall,
          handshake,
          shortestPause,
          longestPause,
          flowWindow);
    }

    /** Returns these settings with another time in which a content must make progress. */
    public Settings withStall(Duration newStall) {
      return new Settings(
          eventLoops,
          queueFrames,
          queueBytes,
          batchBytes,
          mostBytes,
          zstdAbove,
          heartbeat,
          silence,
          newStall,
          handshake,
          shortestPause,
          longestPause,
          flowWindow);
    }

    /** Returns these settings with other times of heartbeats and silence. */
    public Settings withHeartbeat(Duration newHeartbeat, Duration newSilence) {
      return new Settings(
          eventLoops,
          queueFrames,
          queueBytes,
          batchBytes,
          mostBytes,
          zstdAbove,
          newHeartbeat,
          newSilence,
          stall,
          handshake,
          shortestPause,
          longestPause,
          flowWindow);
    }
  }

  /** How often silence is looked for in the time of one heartbeat. */
  private static final int LOOKS = 5;

  private final Options options;
  private final Settings settings;
  private final Executor contents;
  private final LinkMetrics metrics;
  private final LinkTable<GrpcLink> links;
  private final Transport transport;
  private final Map<NodeId, Redial> redials = new ConcurrentHashMap<>();
  private final Map<GrpcLink, ManagedChannel> contentChannels = new HashMap<>();

  /** Where peers are that should be there; replaced as a whole. */
  private volatile Map<NodeId, PeerAddress> wanted = Map.of();

  private volatile boolean closed;
  private @Nullable Receiver receiver;
  private @Nullable Server server;
  private long lastLook;

  /** Makes a network whose calls and contents share their threads. */
  public GrpcPeerNetwork(Options options) {
    this(options, options.executor);
  }

  /**
   * Makes a network that does nothing yet.
   *
   * @param contents sends contents: each of its tasks lasts as long as the receiver takes; may
   *     refuse
   */
  public GrpcPeerNetwork(Options options, Executor contents) {
    this.contents = contents;
    this.options = options;
    this.settings = options.settings;
    this.metrics = new LinkMetrics(options.metrics);
    this.links = new LinkTable<>(options.self.nodeId());
    this.transport = new Transport(options);
    metrics.watch(
        () -> links.standing().size(),
        () -> links.standing().stream().mapToInt(GrpcLink::waiting).sum());
  }

  @Override
  public int start(Receiver newReceiver) {
    receiver = newReceiver;
    FrameCodec errors = new FrameCodec(options.payloads, options.clock);
    ServerServiceDefinition service =
        ServerServiceDefinition.builder(PeerMethods.SERVICE)
            .addMethod(PeerMethods.MESSAGES, (call, headers) -> new Answerer(this, call))
            .addMethod(
                PeerMethods.CONTENT,
                new ContentServer(
                    (link, number) ->
                        links.named(link).flatMap(found -> newReceiver.take(found, number)),
                    contents,
                    settings.stall,
                    errors,
                    metrics))
            .build();
    try {
      server = transport.listen(service).start();
    } catch (IOException e) {
      transport.close();
      throw new WarehouseException(
          StandardErrorCode.BOOT_FAILED,
          "cannot listen for other nodes at "
              + options.host
              + ":"
              + options.port
              + ": "
              + e.getMessage(),
          e);
    }
    lastLook = options.ticker.getAsLong();
    long beat = settings.heartbeat.toMillis();
    long look = Math.max(1, beat / LOOKS);
    var unusedBeats =
        options.timer.scheduleAtFixedRate(this::beat, beat, beat, TimeUnit.MILLISECONDS);
    var unusedLooks =
        options.timer.scheduleAtFixedRate(this::look, look, look, TimeUnit.MILLISECONDS);
    return server.getPort();
  }

  @Override
  public void reach(Collection<PeerAddress> peers) {
    Map<NodeId, PeerAddress> next = new HashMap<>();
    peers.stream()
        .filter(peer -> !peer.node().equals(options.self.nodeId()))
        .forEach(peer -> next.put(peer.node(), peer));
    Map<NodeId, PeerAddress> before = wanted;
    wanted = Map.copyOf(next);
    redials.keySet().retainAll(next.keySet());
    next.forEach(
        (node, address) -> {
          if (!address.equals(before.get(node))) {
            redialOf(node).reset();
            callSoon(node);
          }
        });
  }

  @Override
  public void close() {
    closed = true;
    Server listening = server;
    for (GrpcLink link : links.standing()) {
      link.endOrderly();
    }
    if (listening != null) {
      listening.shutdown();
      awaitEnd(listening);
    }
    for (GrpcLink link : links.standing()) {
      link.cut("the node stops");
    }
    synchronized (contentChannels) {
      contentChannels.values().forEach(ManagedChannel::shutdownNow);
      contentChannels.clear();
    }
    transport.close();
  }

  private static void awaitEnd(Server listening) {
    try {
      if (!listening.awaitTermination(1, TimeUnit.SECONDS)) {
        listening.shutdownNow();
        listening.awaitTermination(1, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      listening.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  // ---- calls -----------------------------------------------------------------------------------

  private void callSoon(NodeId peer) {
    try {
      options.executor.execute(() -> call(peer));
    } catch (RejectedExecutionException e) {
      callLater(peer);
    }
  }

  /** Calls a peer again after a pause, as long as it should be there. */
  void callLater(NodeId peer) {
    if (closed || !wanted.containsKey(peer)) {
      return;
    }
    Redial redial = redialOf(peer);
    if (redial.schedule()) {
      try {
        var unused =
            options.timer.schedule(
                () -> {
                  redial.due();
                  callSoon(peer);
                },
                redial.nextPause(settings, options.random),
                TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        LOG.log(System.Logger.Level.DEBUG, "the node stops", e);
      }
    }
  }

  private Redial redialOf(NodeId peer) {
    return redials.computeIfAbsent(peer, id -> new Redial());
  }

  private void call(NodeId peer) {
    PeerAddress address = wanted.get(peer);
    if (closed || address == null) {
      return;
    }
    String name = "%016x%016x".formatted(options.random.nextLong(), options.random.nextLong());
    Optional<String> replaces = links.beginCall(peer, name);
    if (replaces.isEmpty()) {
      return;
    }
    Caller caller = null;
    try {
      ManagedChannel channel = transport.connect(address);
      caller = new Caller(this, address, name, replaces.get(), channel);
      caller.start(channel.newCall(PeerMethods.MESSAGES, transport.callOptions()));
      Caller started = caller;
      var unused =
          options.timer.schedule(
              () -> started.giveUp("no handshake in time"),
              settings.handshake.toMillis(),
              TimeUnit.MILLISECONDS);
    } catch (RuntimeException e) {
      LOG.log(
          closed ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
          () -> "calling " + address + " failed",
          e);
      if (caller != null) {
        caller.giveUp("calling failed");
      }
      links.failCall(peer, name);
      callLater(peer);
    }
  }

  // ---- links -----------------------------------------------------------------------------------

  Options options() {
    return options;
  }

  LinkTable<GrpcLink> links() {
    return links;
  }

  LinkMetrics metrics() {
    return metrics;
  }

  long now() {
    return options.ticker.getAsLong();
  }

  boolean closing() {
    return closed;
  }

  /** Makes the link of a stream whose peer is known. */
  GrpcLink newLink(Wire wire, GrpcLink.Peer peer) {
    FrameCodec codec = new FrameCodec(options.payloads, options.clock);
    GrpcLink.Surroundings surroundings =
        new GrpcLink.Surroundings(
            Objects.requireNonNull(receiver),
            codec,
            new SendQueue.Limits(
                settings.queueFrames, settings.queueBytes, 1024, settings.batchBytes),
            settings.mostBytes + settings.batchBytes,
            settings.zstdAbove,
            metrics);
    GrpcLink[] self = new GrpcLink[1];
    GrpcLink link =
        new GrpcLink(
            wire,
            peer,
            surroundings,
            number -> open(Objects.requireNonNull(self[0]), number),
            this::linkIsDown,
            transport.here(),
            now());
    self[0] = link;
    return link;
  }

  void linkIsUp(GrpcLink link) {
    metrics.up();
    LOG.log(
        System.Logger.Level.INFO,
        "the link with node {0} (run {1}) is up",
        link.peer(),
        String.valueOf(link.incarnation()));
    redialOf(link.peer()).reset();
  }

  /** Cleans up after a link; it is called again where it should be there. */
  void linkIsDown(GrpcLink link, String reason) {
    boolean stood = links.remove(link.peer(), link);
    ManagedChannel channel;
    synchronized (contentChannels) {
      channel = contentChannels.remove(link);
    }
    if (channel != null) {
      channel.shutdownNow();
    }
    if (stood) {
      metrics.down();
      LOG.log(System.Logger.Level.INFO, "the link with node {0} is down: {1}", link.peer(), reason);
      callLater(link.peer());
    }
  }

  private void beat() {
    try {
      for (GrpcLink link : links.standing()) {
        link.sendFirst(link.codec().encode(Objects.requireNonNull(receiver).heartbeat(link)));
      }
    } catch (RuntimeException e) {
      // The next beat must come whatever happens to this one.
      LOG.log(System.Logger.Level.WARNING, "a heartbeat failed", e);
    }
  }

  /** Cuts the links that have been silent for too long. */
  private void look() {
    try {
      long now = now();
      boolean slept = now - lastLook > settings.silence.toNanos() / 2;
      lastLook = now;
      for (GrpcLink link : links.standing()) {
        if (slept) {
          // It was this node that stood still; what the others said meanwhile comes now.
          link.heardAt(now);
        }
        long silent = now - link.lastHeard();
        if (silent > settings.silence.toNanos()) {
          link.cut("nothing was heard for " + TimeUnit.NANOSECONDS.toMillis(silent) + " ms");
        }
      }
    } catch (RuntimeException e) {
      // The next look must come whatever happens to this one.
      LOG.log(System.Logger.Level.WARNING, "looking for silent links failed", e);
    }
  }

  // ---- contents --------------------------------------------------------------------------------

  private InputStream open(GrpcLink link, long number) {
    return new FetchedContent(
        link.peer(),
        ContentServer.question(link.name(), number),
        () ->
            contentChannel(link)
                .newCall(PeerMethods.CONTENT, CallOptions.DEFAULT.withWaitForReady()),
        () -> {
          PeerLink.Sending unused =
              link.send(
                  link.codec().encode(new io.datawarehouse.kernel.peer.PeerFrame.Unwanted(number)));
        },
        settings.stall,
        () -> new FrameCodec(options.payloads, options.clock));
  }

  private ManagedChannel contentChannel(GrpcLink link) {
    PeerAddress address = wanted.get(link.peer());
    synchronized (contentChannels) {
      ManagedChannel channel = contentChannels.get(link);
      if (channel == null) {
        if (address == null || !links.standing().contains(link)) {
          throw PeerErrors.unreachable(link.peer(), "its link is down");
        }
        channel = transport.connect(address);
        contentChannels.put(link, channel);
      }
      return channel;
    }
  }

  /** When a peer is called again. Thread-safe. */
  private static final class Redial {

    // All guarded by this.
    private int failures;
    private boolean scheduled;

    synchronized boolean schedule() {
      boolean wasFree = !scheduled;
      scheduled = true;
      return wasFree;
    }

    synchronized void due() {
      scheduled = false;
    }

    synchronized void reset() {
      failures = 0;
    }

    /** Returns the pause in milliseconds: it doubles, and half of it is chance. */
    synchronized long nextPause(Settings settings, RandomGenerator random) {
      long most =
          Math.min(
              settings.longestPause.toMillis(),
              settings.shortestPause.toMillis() << Math.min(failures, 16));
      failures++;
      return most / 2 + random.nextLong(most / 2 + 1);
    }
  }

  /** Cuts all links; they come up again by themselves. For tests and for operators in need. */
  public void cutAll() {
    links.standing().forEach(link -> link.cut("all links are cut"));
  }
}
