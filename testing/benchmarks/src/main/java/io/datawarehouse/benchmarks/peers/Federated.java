package io.datawarehouse.benchmarks.peers;

import io.datawarehouse.benchmarks.peers.BusNode.Other;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.grpc.GrpcPeerNetwork;
import io.datawarehouse.kernel.trust.JoinProofs;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.federation.FederationHello;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.HandlerOptions.Execution;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.plugin.SdkVersion;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** The federated bus of the product over its own links, without TLS. */
final class Federated implements Peer {

  private static final Topic TOPIC = Topic.of("bench.echo");
  private static final String[] KEYS = new String[256];

  static {
    for (int i = 0; i < KEYS.length; i++) {
      KEYS[i] = "bucket/key-" + i;
    }
  }

  private final Execution execution;
  private final boolean keyed;
  private final AtomicLong counter = new AtomicLong();
  private BusNode node;
  private MessageBus view;

  /**
   * Makes it.
   *
   * @param execution how the handler is run
   * @param keyed whether requests have an affinity key
   */
  Federated(Execution execution, boolean keyed) {
    this.execution = execution;
    this.keyed = keyed;
  }

  private record Proofs(NodeId self, NodeId other) implements JoinProofs {
    @Override
    public String mint(String purpose) {
      return "proof";
    }

    @Override
    public Verdict verify(String purpose, String proof, String from) {
      return new Verdict.Accepted(other, 1);
    }
  }

  private int start(String self, Other other) {
    node = new BusNode(self, List.of(other), given -> links(given, other), true);
    view = node.bus().view("benchmark");
    return node.bus().start();
  }

  private static GrpcPeerNetwork links(BusNode.Surroundings given, Other other) {
    return new GrpcPeerNetwork(
        new GrpcPeerNetwork.Options(
            new FederationHello(
                given.self(),
                1,
                "bench",
                SdkVersion.CURRENT,
                FrameCodec.OLDEST_PROTOCOL,
                FrameCodec.NEWEST_PROTOCOL,
                Set.of()),
            "127.0.0.1",
            0,
            new Proofs(given.self(), new NodeId(other.id())),
            Optional.empty(),
            Json.codec(),
            Clock.systemUTC(),
            System::nanoTime,
            new SecureRandom(),
            given.timer(),
            given.callers(),
            Executors.defaultThreadFactory(),
            given.metrics(),
            GrpcPeerNetwork.Settings.defaults()));
  }

  @Override
  public String serve() {
    int port = start("server", new Other("client", 0, List.of()));
    view.handle(
        TOPIC,
        HandlerOptions.direct()
            .withExecution(execution)
            .withConcurrency(execution == Execution.CALLER ? Integer.MAX_VALUE : 16)
            .withQueueCapacity(4096),
        MessageHandler.sync(message -> Reply.of(message.payload())));
    return String.valueOf(port);
  }

  @Override
  public void connect(String place, Duration limit) throws Exception {
    start("client", new Other("server", Integer.parseInt(place), List.of(TOPIC)));
    long begin = System.nanoTime();
    while (node.bus().linked().isEmpty()) {
      if (System.nanoTime() - begin > limit.toNanos()) {
        throw new IllegalStateException("no link");
      }
      Thread.sleep(10);
    }
  }

  @Override
  public Object payloadOf(byte[] bytes) {
    return Payload.of(Bytes.copyOf(bytes));
  }

  @Override
  public void ask(Object payload, Answered answered) {
    Message.Builder message = Message.command(TOPIC, (Payload) payload);
    if (keyed) {
      message.affinityKey(KEYS[(int) counter.getAndIncrement() & KEYS.length - 1]);
    }
    view.request(message.build())
        .whenComplete(
            (reply, thrown) ->
                answered.accept(
                    thrown == null ? reply.payload().as(Bytes.class).size() : 0, thrown));
  }

  @Override
  public void close() {
    node.close();
  }
}
