package io.datawarehouse.benchmarks.routing;

import io.datawarehouse.benchmarks.peers.BusNode;
import io.datawarehouse.benchmarks.peers.BusNode.Other;
import io.datawarehouse.benchmarks.report.Rounds;
import io.datawarehouse.benchmarks.report.Subject;
import io.datawarehouse.kernel.cluster.RouteQuestion;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.PeerFrame;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * What routing adds to a message: affinity, balancer, breaker, accounts of what is under way,
 * metrics. Three nodes in one process, whose links hand a frame over within the call that sends it;
 * one thread asks, one request after the other, and what counts is its processor time, of both
 * nodes together. Held against the same without routing: the bus of one node; and for what goes to
 * another node the same frames, written and read, around that node's own bus.
 */
public final class RoutingBenchmark {

  private static final double GOAL_NANOS = 2_000;
  private static final int BATCH = 1_000;
  private static final int PAYLOAD = 100;
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Topic HERE = Topic.of("bench.here");
  private static final Topic EVERYWHERE = Topic.of("bench.everywhere");
  private static final Topic ELSEWHERE = Topic.of("bench.elsewhere");
  private static final String[] KEYS = new String[256];

  static {
    for (int i = 0; i < KEYS.length; i++) {
      KEYS[i] = "bucket/key-" + i;
    }
  }

  private static final Rounds.Plan PLAN =
      new Rounds.Plan(Duration.ofSeconds(3), Duration.ofMillis(500), 7);

  private RoutingBenchmark() {}

  /** Runs it; takes no arguments. */
  public static void main(String[] arguments) throws Exception {
    try (Lab lab = new Lab(true);
        Lab open = new Lab(false)) {
      MessageBus local = lab.asking.local().view("benchmark");
      MessageBus bus = lab.asking.bus().view("benchmark");
      MessageBus unguarded = open.asking.bus().view("benchmark");
      MessageBus answering = lab.answering.local().view("benchmark");
      List<Subject> subjects =
          List.of(
              new Requests("local bus", local, HERE, List.of("")),
              new Requests("one handler, here", bus, HERE, List.of("")),
              new Requests("handlers on three nodes, the owner here", bus, EVERYWHERE, lab.mine()),
              new Frames("frames and the other node's own bus", answering),
              new Requests("by key to another node", bus, ELSEWHERE, List.of(KEYS)),
              new Requests("balanced over two other nodes", bus, ELSEWHERE, List.of("")),
              new Requests(
                  "by key to another node, no breakers", unguarded, ELSEWHERE, List.of(KEYS)));
      Map<String, Double> medians =
          new Rounds(System.out, "messages there and back", "messages/s", 1)
              .compare(PLAN, subjects);
      List<Double> nanos = medians.values().stream().map(perSecond -> 1e9 / perSecond).toList();
      for (int i = 0; i < nanos.size(); i++) {
        boolean remote = i >= 3;
        System.out.printf(
            Locale.ROOT,
            "  %-48s %8.0f ns, added %6.0f ns (goal: at most %.0f)%n",
            subjects.get(i).name(),
            nanos.get(i),
            nanos.get(i) - nanos.get(remote ? 3 : 0),
            GOAL_NANOS);
      }
    }
    System.exit(0);
  }

  /** Three nodes; the first asks. */
  private static final class Lab implements AutoCloseable {

    private final BusNode asking;
    private final BusNode answering;
    private final BusNode third;

    Lab(boolean guarded) {
      LoopbackLinks links = new LoopbackLinks();
      List<Topic> topics = List.of(EVERYWHERE, ELSEWHERE);
      asking = node(links, "a", List.of(EVERYWHERE, HERE), guarded, "b", topics, "c", topics);
      answering = node(links, "b", topics, guarded, "a", List.of(), "c", topics);
      third = node(links, "c", topics, guarded, "a", List.of(), "b", topics);
      links.connect();
    }

    private static BusNode node(
        LoopbackLinks links,
        String self,
        List<Topic> own,
        boolean guarded,
        String second,
        List<Topic> ofSecond,
        String third,
        List<Topic> ofThird) {
      BusNode node =
          new BusNode(
              self,
              List.of(new Other(second, 0, ofSecond), new Other(third, 0, ofThird)),
              given -> links.of(given.self()),
              guarded);
      for (Topic topic : own) {
        node.bus()
            .view("benchmark")
            .handle(
                topic,
                HandlerOptions.direct()
                    .withExecution(HandlerOptions.Execution.CALLER)
                    .withConcurrency(Integer.MAX_VALUE),
                MessageHandler.sync(message -> Reply.of(message.payload())));
      }
      node.bus().start();
      return node;
    }

    /** Returns the keys that the asking node owns. */
    List<String> mine() {
      List<String> mine = new ArrayList<>();
      for (String key : KEYS) {
        if (asking
            .bus()
            .explain(new RouteQuestion(EVERYWHERE, Optional.of(key)))
            .chosen()
            .filter(new NodeId("a")::equals)
            .isPresent()) {
          mine.add(key);
        }
      }
      return mine;
    }

    @Override
    public void close() {
      asking.close();
      answering.close();
      third.close();
    }
  }

  /** One request after the other on a bus. */
  private static final class Requests extends Turns {

    private final MessageBus bus;
    private final Topic topic;
    private final List<String> keys;
    private int turn;

    /**
     * Makes it.
     *
     * @param keys the affinity keys, in turns; one empty one for none
     */
    Requests(String name, MessageBus bus, Topic topic, List<String> keys) {
      super(name);
      this.bus = bus;
      this.topic = topic;
      this.keys = keys;
    }

    @Override
    Reply once(Bytes payload) throws InterruptedException, ExecutionException, TimeoutException {
      Message.Builder message = Message.command(topic, Payload.of(payload));
      String key = keys.get(turn++ % keys.size());
      if (!key.isEmpty()) {
        message.affinityKey(key);
      }
      return answerOf(bus, message.build());
    }
  }

  /** The frames of a request and its answer, written and read, around the bus that answers. */
  private static final class Frames extends Turns {

    private final FrameCodec sender = new FrameCodec(Json.codec(), Clock.systemUTC());
    private final FrameCodec receiver = new FrameCodec(Json.codec(), Clock.systemUTC());
    private final MessageBus bus;
    private long call;

    Frames(String name, MessageBus bus) {
      super(name);
      this.bus = bus;
    }

    @Override
    Reply once(Bytes payload) throws InterruptedException, ExecutionException, TimeoutException {
      Message message =
          Message.command(ELSEWHERE, Payload.of(payload)).affinityKey(KEYS[0]).build();
      Instant now = Instant.now();
      byte[] there = sender.request(++call, message, now.plus(LIMIT), now, null).toBytes();
      PeerFrame.Request request = (PeerFrame.Request) receiver.decode(there, 0, there.length);
      Reply reply = answerOf(bus, request.message());
      byte[] back =
          receiver.encode(new PeerFrame.Answer(request.call(), reply.payload(), null, null));
      PeerFrame.Answer answer = (PeerFrame.Answer) sender.decode(back, 0, back.length);
      return Reply.of(answer.payload());
    }
  }

  /** Something that is done over and over by one thread. */
  private abstract static class Turns implements Subject {

    private final String name;
    private final Supplier<Bytes> payloads = () -> Bytes.copyOf(new byte[PAYLOAD]);
    private long sum;

    Turns(String name) {
      this.name = name;
    }

    abstract Reply once(Bytes payload)
        throws InterruptedException, ExecutionException, TimeoutException;

    static Reply answerOf(MessageBus bus, Message message)
        throws InterruptedException, ExecutionException, TimeoutException {
      return bus.request(message).toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Measured run(Duration time) throws Exception {
      long end = System.nanoTime() + time.toNanos();
      long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      long count = 0;
      while (System.nanoTime() < end) {
        for (int i = 0; i < BATCH; i++) {
          sum += once(payloads.get()).payload().as(Bytes.class).size();
        }
        count += BATCH;
      }
      double seconds =
          (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begin) / 1e9;
      if (sum % PAYLOAD != 0) {
        throw new IllegalStateException("an answer of another length");
      }
      return new Measured(count / seconds, 0, 0);
    }
  }
}
