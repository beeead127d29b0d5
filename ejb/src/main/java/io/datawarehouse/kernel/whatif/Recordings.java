package io.datawarehouse.kernel.whatif;

import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.kernel.whatif.LoadRecorder.Recorded;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Brings together what nodes recorded, each of the requests that it sent itself. A node that cannot
 * be reached, does not answer in time, knows no such question or tells what it was not asked for is
 * missing; that is no failure. Thread-safe; gathering blocks.
 *
 * <p>No clock of another node counts. A node tells how long ago, by its own ticker, each request
 * was sent, and the answer is taken to have been made in the middle between the question and its
 * arrival: so all of its time line is off by half of that time at most. Source: Cristian:
 * Probabilistic clock synchronization (1989).
 */
public final class Recordings implements AutoCloseable {

  /** How long the answer of a node may take. */
  public static final Duration LIMIT = Duration.ofSeconds(2);

  /** How many requests are gathered of all nodes together, if there are not very many nodes. */
  static final int MOST_ALL = 1 << 16;

  /** How many a node may tell however many nodes there are. */
  static final int LEAST_EACH = 1 << 8;

  private static final System.Logger LOG = System.getLogger(Recordings.class.getName());

  /** It sorts and writes some thousand requests, so that it is nothing for a caller's thread. */
  private static final HandlerOptions HANDLING =
      HandlerOptions.defaults()
          .withOrdering(HandlerOptions.Ordering.UNORDERED)
          .withConcurrency(1)
          .withQueueCapacity(16);

  /**
   * What it works with.
   *
   * @param self this node
   * @param own what this node recorded
   * @param nodes how to ask one certain node
   * @param limit how long the answer of another node may take
   */
  public record Options(NodeId self, LoadRecorder own, NodeRequests nodes, Duration limit) {}

  /**
   * What a node recorded, by the ticker of the one who asked. Immutable.
   *
   * @param node who recorded it
   * @param enabled whether the node records at all
   * @param withinNanos how far the whole of it may be off
   * @param sample the requests, the oldest first
   */
  record Recording(NodeId node, boolean enabled, long withinNanos, List<Recorded> sample) {
    Recording {
      sample = List.copyOf(sample);
    }
  }

  /**
   * What could be had. Immutable.
   *
   * @param recordings of each node that answered, in the order in which they were asked
   * @param missing the nodes that did not answer
   */
  record Gathered(List<Recording> recordings, List<NodeId> missing) {
    Gathered {
      recordings = List.copyOf(recordings);
      missing = List.copyOf(missing);
    }
  }

  private final Options options;
  private Optional<Registration> registration = Optional.empty();

  /** Makes recordings that tell nobody else before they are registered. */
  public Recordings(Options options) {
    this.options = options;
  }

  /** Answers the questions of other nodes from now on. Called once. */
  public void register(MessageBus bus) {
    registration =
        Optional.of(
            bus.handle(
                RecordingMessages.RECORDING,
                HANDLING,
                MessageHandler.sync(
                    message ->
                        Reply.of(
                            Payload.of(
                                answer(
                                    message
                                        .payload()
                                        .as(RecordingMessages.Question.class)
                                        .most()))))));
  }

  private RecordingMessages.Answer answer(int most) {
    List<Recorded> sample = thinned(options.own.recorded(), most);
    long now = options.own.now();
    Map<NodeId, Integer> numbers = new LinkedHashMap<>();
    List<RecordingMessages.Request> requests = new ArrayList<>(sample.size());
    for (Recorded one : sample) {
      int number = numbers.computeIfAbsent(one.node(), node -> numbers.size());
      requests.add(
          new RecordingMessages.Request(
              Math.max(0, now - one.atNanos()),
              number,
              one.keyed() ? Optional.of(one.keyHash()) : Optional.empty(),
              one.tookNanos(),
              one.bytes(),
              one.standsFor()));
    }
    return new RecordingMessages.Answer(
        options.own.enabled(), List.copyOf(numbers.keySet()), requests);
  }

  /** Keeps so many at most, evenly, each with what those around it stand for. */
  static List<Recorded> thinned(List<Recorded> sample, int most) {
    int each = (sample.size() + most - 1) / most;
    if (each <= 1) {
      return sample;
    }
    List<Recorded> kept = new ArrayList<>(most);
    for (int from = 0; from < sample.size(); from += each) {
      List<Recorded> some = sample.subList(from, Math.min(sample.size(), from + each));
      Recorded one = some.get(some.size() / 2);
      long standsFor = some.stream().mapToLong(Recorded::standsFor).sum();
      kept.add(one.standingFor((int) Math.min(Integer.MAX_VALUE, standsFor)));
    }
    return kept;
  }

  // ---- asking ----------------------------------------------------------------------------------

  /**
   * Returns what these nodes recorded, this one among them where it is named; waits for all of them
   * at once.
   *
   * @throws WarehouseException {@code UNAVAILABLE} where the thread is interrupted, and nothing
   *     else
   */
  Gathered gather(List<NodeId> nodes) {
    long end = options.own.now() + options.limit.toNanos();
    int most =
        Math.max(LEAST_EACH, Math.min(LoadRecorder.CAPACITY, MOST_ALL / Math.max(1, nodes.size())));
    Map<NodeId, CompletableFuture<Recording>> asked = new LinkedHashMap<>();
    nodes.forEach(node -> asked.put(node, ask(node, most)));
    List<Recording> recordings = new ArrayList<>();
    List<NodeId> missing = new ArrayList<>();
    asked.forEach(
        (node, answer) ->
            await(node, answer, end - options.own.now())
                .ifPresentOrElse(recordings::add, () -> missing.add(node)));
    return new Gathered(recordings, missing);
  }

  private CompletableFuture<Recording> ask(NodeId node, int most) {
    if (node.equals(options.self)) {
      return CompletableFuture.completedFuture(
          new Recording(node, options.own.enabled(), 0, thinned(options.own.recorded(), most)));
    }
    long sent = options.own.now();
    return options
        .nodes
        .requestAt(
            node,
            Message.query(
                    RecordingMessages.RECORDING, Payload.of(new RecordingMessages.Question(most)))
                .timeout(options.limit)
                .build())
        .toCompletableFuture()
        .thenApply(reply -> read(node, reply.as(RecordingMessages.Answer.class), most, sent));
  }

  private Recording read(NodeId node, RecordingMessages.Answer answer, int most, long sent) {
    if (answer.requests().size() > most) {
      throw WarehouseException.invalid(
          "requests", answer.requests().size() + " requests", "asked for " + most);
    }
    long within = Math.max(0, options.own.now() - sent) / 2;
    long made = sent + within;
    List<Recorded> sample = new ArrayList<>(answer.requests().size());
    for (RecordingMessages.Request request : answer.requests()) {
      sample.add(
          new Recorded(
              made - request.agoNanos(),
              request.key().isPresent(),
              request.key().orElse(0L),
              answer.nodes().get(request.node()),
              request.tookNanos(),
              request.bytes(),
              request.standsFor()));
    }
    return new Recording(node, answer.enabled(), within, sample);
  }

  private static Optional<Recording> await(
      NodeId node, CompletableFuture<Recording> answer, long leftNanos) {
    try {
      return Optional.of(answer.get(Math.max(0, leftNanos), TimeUnit.NANOSECONDS));
    } catch (TimeoutException | ExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, () -> "what node " + node + " recorded is missing", e);
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WarehouseException(StandardErrorCode.UNAVAILABLE, "the node is stopping", e);
    }
  }

  /** Answers no questions any more. */
  @Override
  public void close() {
    registration.ifPresent(Registration::close);
  }
}
