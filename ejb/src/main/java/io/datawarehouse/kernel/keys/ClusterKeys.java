package io.datawarehouse.kernel.keys;

import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.kernel.keys.NodeKeys.CarriedOut;
import io.datawarehouse.kernel.keys.NodeKeys.CarryOut;
import io.datawarehouse.kernel.keys.NodeKeys.Problem;
import io.datawarehouse.kernel.keys.NodeKeys.Rotate;
import io.datawarehouse.kernel.keys.NodeKeys.Rotated;
import io.datawarehouse.kernel.keys.NodeKeys.Scope;
import io.datawarehouse.kernel.keys.NodeKeys.StatusQuestion;
import io.datawarehouse.sdk.blob.BucketName;
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
import io.datawarehouse.sdk.message.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The keys of all nodes of a cluster: every node is asked, and told, and what they say is put
 * together. Thread-safe; blocks for the answers.
 *
 * <p>A destruction is agreed on first ({@link DecreedKeys} says what that is worth) and then waited
 * for; a rotation is told to all and done by each as it can. A node that does not answer is named
 * in the answer, and nothing is said of it.
 */
public final class ClusterKeys implements KeyOffice, AutoCloseable {

  /**
   * What it works with.
   *
   * @param self this node
   * @param nodes all nodes that may have keys, those that are away too
   * @param requests how to ask one certain node
   * @param own the keys of this node
   * @param decrees what the cluster decrees on them
   * @param limit how long the answer of another node may take
   * @param rotationLimit how long a rotation may take on another node
   */
  public record Options(
      NodeId self,
      Supplier<? extends Collection<NodeId>> nodes,
      NodeRequests requests,
      KeyOffice own,
      DecreedKeys decrees,
      Duration limit,
      Duration rotationLimit) {

    /** Checks that nothing is missing. */
    public Options {
      Objects.requireNonNull(self, "self");
      Objects.requireNonNull(nodes, "nodes");
      Objects.requireNonNull(requests, "requests");
      Objects.requireNonNull(own, "own");
      Objects.requireNonNull(decrees, "decrees");
      Objects.requireNonNull(limit, "limit");
      Objects.requireNonNull(rotationLimit, "rotationLimit");
    }
  }

  private static final System.Logger AUDIT = System.getLogger("io.datawarehouse.audit");

  /** Handlers wait for the disk, for a provider, for the coordinator. */
  private static final HandlerOptions WAITING =
      HandlerOptions.defaults().withOrdering(HandlerOptions.Ordering.UNORDERED).withConcurrency(8);

  private final Options options;
  private final KeyNodes nodes;
  private final List<Registration> registrations = new ArrayList<>();

  /** Makes an office that answers nobody else before {@link #register}. */
  public ClusterKeys(Options options) {
    this.options = options;
    this.nodes = new KeyNodes(options.self(), options.nodes(), options.requests());
  }

  // ---- what this node answers the others -------------------------------------------------------

  /** Puts the handlers of this node on the bus. Called once. */
  public synchronized void register(MessageBus bus) {
    answer(bus, NodeKeys.STATUS, m -> Reply.of(own(m.payload().as(StatusQuestion.class))));
    answer(bus, NodeKeys.ROTATE, m -> Reply.of(rotateOwn(m.payload().as(Rotate.class))));
    answer(
        bus,
        NodeKeys.DESTROY,
        m -> {
          CarryOut command = m.payload().as(CarryOut.class);
          return Reply.of(options.decrees().obey(command.bucket(), command.decree()));
        });
  }

  private void answer(MessageBus bus, Topic topic, MessageHandler.Synchronous function) {
    registrations.add(bus.handle(topic, WAITING, MessageHandler.sync(function)));
  }

  private KeysStatus own(StatusQuestion question) {
    KeysStatus all = options.own().status();
    return question
        .bucket()
        .map(
            wanted ->
                new KeysStatus(
                    all.provider(),
                    all.problem(),
                    List.of(),
                    all.buckets().stream().filter(one -> one.bucket().equals(wanted)).toList(),
                    List.of()))
        .orElse(all);
  }

  private Rotated rotateOwn(Rotate command) {
    try {
      return new Rotated(Optional.of(command.with(options.own())), Optional.empty());
    } catch (WarehouseException e) {
      return new Rotated(Optional.empty(), Optional.of(Problem.of(e)));
    }
  }

  // ---- status ----------------------------------------------------------------------------------

  @Override
  public KeysStatus status() {
    return merge(ask(Optional.empty()));
  }

  private KeyNodes.Answers<KeysStatus> ask(Optional<BucketName> bucket) {
    return nodes.all(
        Message.query(NodeKeys.STATUS, Payload.of(new StatusQuestion(bucket))),
        KeysStatus.class,
        options.limit());
  }

  private KeysStatus merge(KeyNodes.Answers<KeysStatus> answers) {
    List<MasterKeyStatus> masters = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    Map<BucketName, BucketStatus> buckets = new TreeMap<>();
    answers
        .replies()
        .forEach(
            (node, status) -> {
              status.masterKeys().forEach(key -> masters.add(key.on(node)));
              status.problem().ifPresent(problem -> problems.add(node + ": " + problem));
              status
                  .buckets()
                  .forEach(one -> buckets.merge(one.bucket(), on(node, one), ClusterKeys::joined));
            });
    // Stable: of each state, this node's first.
    masters.sort(Comparator.comparing(MasterKeyStatus::state));
    return new KeysStatus(
        answers.replies().values().stream()
            .map(KeysStatus::provider)
            .distinct()
            .collect(Collectors.joining(", ")),
        problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems)),
        masters,
        List.copyOf(buckets.values()),
        answers.missing());
  }

  private static BucketStatus on(NodeId node, BucketStatus status) {
    return new BucketStatus(
        status.bucket(),
        status.readable(),
        status.keys().stream().map(key -> key.on(node)).toList());
  }

  private static BucketStatus joined(BucketStatus one, BucketStatus other) {
    List<BucketKeyStatus> keys = new ArrayList<>(one.keys());
    keys.addAll(other.keys());
    keys.sort(Comparator.comparing(BucketKeyStatus::createdAt));
    return new BucketStatus(one.bucket(), one.readable() && other.readable(), keys);
  }

  // ---- rotation --------------------------------------------------------------------------------

  @Override
  public Rotation rotateMaster() {
    return rotate(new Rotate(Scope.MASTER, Optional.empty()));
  }

  @Override
  public Rotation rotateBucket(BucketName bucket) {
    return rotate(new Rotate(Scope.BUCKET, Optional.of(bucket)));
  }

  @Override
  public Rotation rotateBuckets() {
    return rotate(new Rotate(Scope.BUCKETS, Optional.empty()));
  }

  private Rotation rotate(Rotate command) {
    KeyNodes.Answers<Rotated> answers =
        nodes.all(
            Message.command(NodeKeys.ROTATE, Payload.of(command)),
            Rotated.class,
            options.rotationLimit());
    Map<NodeId, Rotation> done = new LinkedHashMap<>();
    List<Refusal> refused = new ArrayList<>();
    answers
        .replies()
        .forEach(
            (node, answer) -> {
              answer.done().ifPresent(rotation -> done.put(node, rotation));
              answer
                  .problem()
                  // A node need not have keys of every bucket.
                  .filter(problem -> !problem.is(StandardErrorCode.NOT_FOUND))
                  .ifPresent(
                      problem -> refused.add(new Refusal(node, problem.code(), problem.reason())));
            });
    if (done.isEmpty()) {
      throw nothingRotated(command, refused, answers);
    }
    Rotation sum = sum(done, refused, answers.missing());
    if (!refused.isEmpty() || !sum.missing().isEmpty()) {
      AUDIT.log(
          System.Logger.Level.WARNING,
          "keys not rotated everywhere: {0}; refused by {1}, no answer from {2}",
          command,
          refused,
          sum.missing());
    }
    return sum;
  }

  private static WarehouseException nothingRotated(
      Rotate command, List<Refusal> refused, KeyNodes.Answers<Rotated> answers) {
    if (!refused.isEmpty()) {
      Refusal first = refused.get(0);
      return new Problem(first.code(), first.reason()).toException("node " + first.node());
    }
    if (answers.away().isEmpty() && command.bucket().isPresent()) {
      return Keyring.noKeys(command.bucket().get());
    }
    return new WarehouseException(
        StandardErrorCode.UNAVAILABLE,
        "no key was rotated on the nodes that answered; nothing is known of %s"
            .formatted(answers.missing()));
  }

  private static Rotation sum(
      Map<NodeId, Rotation> done, List<Refusal> refused, List<NodeId> missing) {
    Rotation first = done.values().iterator().next();
    int rewrapped = 0;
    List<String> failed = new ArrayList<>();
    List<RotatedBucket> buckets = new ArrayList<>();
    for (Map.Entry<NodeId, Rotation> one : done.entrySet()) {
      rewrapped += one.getValue().rewrapped();
      failed.addAll(one.getValue().failed());
      one.getValue().buckets().forEach(bucket -> buckets.add(bucket.on(one.getKey())));
    }
    buckets.sort(Comparator.comparing(RotatedBucket::bucket));
    return new Rotation(
        first.masterKeyId(),
        first.previousMasterKeyId(),
        rewrapped,
        failed,
        buckets,
        refused,
        missing);
  }

  // ---- destruction -----------------------------------------------------------------------------

  @Override
  public Destruction destroy(BucketName bucket) {
    requireKeys(bucket);
    long decree = decree(bucket);
    KeyNodes.Answers<CarriedOut> answers =
        nodes.all(
            Message.command(NodeKeys.DESTROY, Payload.of(new CarryOut(bucket, decree)))
                .idempotent(),
            CarriedOut.class,
            options.limit());
    List<String> destroyed =
        answers.replies().values().stream().flatMap(one -> one.destroyed().stream()).toList();
    AUDIT.log(
        answers.away().isEmpty() ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
        "keys destroyed in the cluster: bucket {0}, decree {1}, by {2}; confirmed by {3}, not yet by"
            + " {4}",
        bucket.value(),
        Long.toString(decree),
        options.self(),
        answers.replies().keySet(),
        answers.away());
    if (destroyed.isEmpty() && answers.away().isEmpty()) {
      throw Keyring.noKeys(bucket);
    }
    return new Destruction(bucket, destroyed, answers.missing());
  }

  /** Nothing is decreed on a bucket of which everybody says that it has no key. */
  private void requireKeys(BucketName bucket) {
    KeyNodes.Answers<KeysStatus> answers = ask(Optional.of(bucket));
    boolean some =
        answers.replies().values().stream()
            .flatMap(status -> status.buckets().stream())
            .anyMatch(
                one ->
                    !one.readable()
                        || one.keys().stream().anyMatch(key -> key.state() != KeyState.DESTROYED));
    if (!some && answers.away().isEmpty()) {
      throw Keyring.noKeys(bucket);
    }
  }

  private long decree(BucketName bucket) {
    try {
      return options.decrees().decree(bucket);
    } catch (WarehouseException e) {
      AUDIT.log(
          System.Logger.Level.WARNING,
          "keys not destroyed: bucket {0}, the cluster did not agree: {1}",
          bucket.value(),
          e.detail());
      throw e.code() != StandardErrorCode.TIMEOUT
          ? e
          : new WarehouseException(
              StandardErrorCode.TIMEOUT,
              "whether the cluster agreed that the keys of bucket '%s' are destroyed is not known; if"
                      .formatted(bucket.value())
                  + " it did, every node does it. Look which keys there are, and ask again",
              e);
    }
  }

  /** Takes the handlers off the bus. */
  @Override
  public synchronized void close() {
    registrations.forEach(Registration::close);
    registrations.clear();
  }
}
