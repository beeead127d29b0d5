package io.datawarehouse.kernel.keys;

import static io.datawarehouse.kernel.keys.KeyringFixture.CONTENT;
import static io.datawarehouse.kernel.keys.KeyringFixture.blob;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.datawarehouse.kernel.cluster.FakeAgreement;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.keys.KeyOffice.Destruction;
import io.datawarehouse.kernel.keys.KeyOffice.KeysStatus;
import io.datawarehouse.kernel.keys.KeyOffice.Refusal;
import io.datawarehouse.kernel.keys.KeyOffice.Rotation;
import io.datawarehouse.kernel.keys.KeyringFixture.Made;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.testkit.kernel.DirectMessageBus;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Three nodes' keys that agree with each other, without a network between. */
class ClusterKeysTest {

  private static final BucketName ONE = new BucketName("one");
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final FakeAgreement agreement = new FakeAgreement(new NodeId("node-1"));
  private final AtomicLong nanos = new AtomicLong();
  private final Map<NodeId, Node> nodes = new LinkedHashMap<>();
  private final Node first = new Node("node-1");
  private final Node second = new Node("node-2");
  private final Node third = new Node("node-3");

  ClusterKeysTest() {
    nodes.values().forEach(Node::start);
  }

  /** One node: keys, a bus, a disk, and a way to what all agree on. */
  private final class Node {

    final NodeId id;
    final KeyringFixture fixture = new KeyringFixture();
    final InMemoryKernelStorage joined = new InMemoryKernelStorage();
    final LinkedAgreement link = new LinkedAgreement(agreement);
    final Queue<Runnable> held = new ConcurrentLinkedQueue<>();
    Executor executor = Runnable::run;
    DecreedKeys.Recall recall = DecreedKeys.Recall.NONE;
    DirectMessageBus bus = new DirectMessageBus();
    boolean running;
    Keyring keyring;
    DecreedKeys decrees;
    ClusterKeys keys;

    Node(String name) {
      id = new NodeId(name);
      nodes.put(id, this);
      keyring = fixture.open();
      decrees = newDecrees();
      keys = newKeys();
    }

    private DecreedKeys newDecrees() {
      return new DecreedKeys(
          new DecreedKeys.Options(
              keyring,
              id,
              "test",
              link,
              joined,
              fixture.clock,
              nanos::get,
              task -> executor.execute(task),
              LIMIT,
              destroying -> recall.before(destroying)));
    }

    private ClusterKeys newKeys() {
      return new ClusterKeys(
          new ClusterKeys.Options(
              id, nodes::keySet, ClusterKeysTest.this::requestAt, keyring, decrees, LIMIT, LIMIT));
    }

    void start() {
      start(fixture.storage);
    }

    void start(KernelStorage disk) {
      keyring = fixture.open(disk, 16);
      decrees = newDecrees();
      keys = newKeys();
      bus = new DirectMessageBus();
      keys.register(bus);
      decrees.open();
      running = true;
    }

    void stop() {
      running = false;
      keys.close();
      decrees.close();
      keyring.close();
    }

    /** What is to be done from now on stays undone. */
    void hold() {
      executor = held::add;
    }

    Made write() {
      try (DataKey key = decrees.create(blob("one"), CONTENT)) {
        return new Made(blob("one"), key.material().clone(), key.wrapped());
      }
    }

    void read(Made made) {
      decrees.open(made.blob(), CONTENT, made.wrapped()).close();
    }
  }

  private CompletableFuture<Reply> requestAt(NodeId id, Message message) {
    Node node = nodes.get(id);
    return node.running && !cut(node)
        ? node.bus.request(message).toCompletableFuture()
        : CompletableFuture.failedFuture(
            new WarehouseException(StandardErrorCode.UNAVAILABLE, id + " is away"));
  }

  private static boolean cut(Node node) {
    return !node.link.leadership().available();
  }

  private static void assertCode(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private static void assertDestroyed(Node node, Made made) {
    assertCode(StandardErrorCode.KEY_DESTROYED, () -> node.read(made));
    assertThat(node.keyring.inUse()).as("keys that live on " + node.id).isFalse();
  }

  // ---- destruction -----------------------------------------------------------------------------

  @Test
  void destructionReachesAllNodes() {
    List<Made> made = nodes.values().stream().map(Node::write).toList();

    Destruction done = second.keys.destroy(ONE);

    assertThat(done.destroyed())
        .containsExactlyInAnyOrderElementsOf(
            made.stream().map(one -> one.wrapped().bucketKeyId()).toList());
    assertThat(done.missing()).isEmpty();
    assertDestroyed(first, made.get(0));
    assertDestroyed(second, made.get(1));
    assertDestroyed(third, made.get(2));
  }

  @Test
  void whatKeysProtectIsCalledBackOnEveryNodeBeforeTheyAreDestroyed() {
    List<Made> made = nodes.values().stream().map(Node::write).toList();
    List<NodeId> recalled = new ArrayList<>();
    for (Node node : nodes.values()) {
      node.recall =
          destroying -> {
            assertThat(node.keyring.inUse()).as("keys that live on " + node.id).isTrue();
            recalled.add(node.id);
            return destroying.get();
          };
    }

    Destruction done = second.keys.destroy(ONE);

    assertThat(recalled).containsExactlyInAnyOrder(first.id, second.id, third.id);
    assertThat(done.destroyed()).hasSameSizeAs(made);
  }

  @Test
  void nodeOnWhichTheyCannotBeCalledBackKeepsItsKeysAndUsesNone() {
    Made made = third.write();
    third.recall =
        destroying -> {
          throw new WarehouseException(StandardErrorCode.UNAVAILABLE, "interrupted");
        };

    Destruction done = first.keys.destroy(ONE);

    assertThat(done.missing()).containsExactly(third.id);
    assertCode(StandardErrorCode.UNAVAILABLE, () -> third.read(made));
    third.recall = DecreedKeys.Recall.NONE;
    third.decrees.tick();
    assertDestroyed(third, made);
  }

  @Test
  void destructionReachesNodesThatHearOfItByTheAgreementLast() {
    Made made = third.write();
    agreement.quiet(true);

    Destruction done = first.keys.destroy(ONE);

    assertThat(done.destroyed()).containsExactly(made.wrapped().bucketKeyId());
    assertDestroyed(third, made);
  }

  @Test
  void nodesWithoutKeysOfTheBucketAreNoError() {
    Made made = third.write();

    Destruction done = first.keys.destroy(ONE);

    assertThat(done.destroyed()).containsExactly(made.wrapped().bucketKeyId());
    assertThat(done.missing()).isEmpty();
  }

  @Test
  void bucketThatHasNoKeyAnywhereIsNotFoundAndNothingIsDecreed() {
    assertCode(StandardErrorCode.NOT_FOUND, () -> first.keys.destroy(ONE));

    assertThat(decreed()).isEmpty();
  }

  private List<?> decreed() {
    return agreement
        .list(DecreedKeys.REGISTRY, new ReadConsistency.Latest())
        .toCompletableFuture()
        .join();
  }

  @Test
  void nodeThatWasStoppedDestroysOnItsReturnBeforeItReads() {
    Made here = first.write();
    Made there = third.write();
    third.stop();
    third.link.cut(true);

    Destruction done = first.keys.destroy(ONE);

    assertThat(done.destroyed()).containsExactly(here.wrapped().bucketKeyId());
    assertThat(done.missing()).containsExactly(third.id);
    third.start();
    nanos.addAndGet(LIMIT.toNanos() + 1);
    assertThat(third.decrees.problem()).isPresent();
    third.link.cut(false);
    assertDestroyed(third, there);
    assertThat(third.decrees.problem()).isEmpty();
    third.read(third.write());
  }

  @Test
  void startedNodeReadsOnceItHasAskedAgain() {
    Made made = third.write();
    third.stop();
    third.link.cut(true);
    third.start();
    third.link.cut(false);

    third.read(made);
    assertThat(third.decrees.problem()).isEmpty();
  }

  @Test
  void startedNodeReadsWithWhatItKnowsWhereNoLeaderIsInReach() {
    Made made = third.write();
    third.stop();
    third.link.cut(true);
    first.keys.destroy(ONE);
    third.start();
    nanos.addAndGet(LIMIT.toNanos() + 1);

    third.read(made);
    third.link.cut(false);

    assertDestroyed(third, made);
  }

  @Test
  void startedNodeThatHasALeaderWaitsForItsAnswer() {
    Made made = third.write();
    third.stop();
    third.hold();
    third.start();
    nanos.addAndGet(LIMIT.toNanos() + 1);
    assertCode(StandardErrorCode.KEY_UNAVAILABLE, () -> third.read(made));

    third.executor = Runnable::run;
    third.held.forEach(Runnable::run);

    third.read(made);
  }

  @Test
  void nodeThatIsCutOffReadsOnAndStopsWhenItIsBackInTouch() {
    Made made = third.write();
    third.link.cut(true);

    Destruction done = first.keys.destroy(ONE);

    assertThat(done.missing()).containsExactly(third.id);
    third.read(made);
    third.hold();
    third.link.cut(false);
    nanos.addAndGet(LIMIT.toNanos() + 1);
    assertCode(StandardErrorCode.KEY_UNAVAILABLE, () -> third.read(made));
    third.executor = Runnable::run;
    third.held.forEach(Runnable::run);
    assertDestroyed(third, made);
  }

  @Test
  void whoHasHeardOfADecreeUsesNoKeyBeforeItIsCarriedOut() {
    Made made = third.write();
    third.hold();
    long decree = first.decrees.decree(ONE);

    assertThat(third.keyring.obeyed(ONE, decree)).isFalse();
    assertCode(StandardErrorCode.KEY_DESTROYED, () -> third.read(made));
    assertThat(third.keyring.obeyed(ONE, decree)).isTrue();
  }

  @Test
  void withoutAMajorityNothingIsDestroyedAnywhere() {
    List<Made> made = nodes.values().stream().map(Node::write).toList();
    agreement.available(false);

    assertCode(StandardErrorCode.UNAVAILABLE, () -> first.keys.destroy(ONE));

    agreement.available(true);
    nodes.values().forEach(node -> node.decrees.catchUp());
    first.read(made.get(0));
    second.read(made.get(1));
    third.read(made.get(2));
    assertThat(decreed()).isEmpty();
  }

  @Test
  void destructionWhoseAgreementIsNotKnownSaysSoAndIsCarriedOutWhereItStands() {
    Made made = third.write();
    agreement.loseAnswers(true);

    assertCode(StandardErrorCode.TIMEOUT, () -> first.keys.destroy(ONE));

    assertDestroyed(third, made);
  }

  @Test
  void nodeThatDiedBetweenDecreeAndDestructionCompletesItAtItsNextStart() {
    Made made = third.write();
    third.stop();
    third.start(new FailingStorage(third.fixture.storage, 0));
    third.read(made);

    Destruction done = first.keys.destroy(ONE);

    assertThat(done.destroyed()).isEmpty();
    assertThat(done.missing()).containsExactly(third.id);
    assertCode(StandardErrorCode.STORAGE_FAILED, () -> third.read(made));
    assertThat(third.decrees.problem()).isPresent();
    third.stop();
    third.start();
    assertDestroyed(third, made);
  }

  @Test
  void nodeThatAgreedAndDiedBeforeItToldAnybodyIsNotNeeded() {
    Made made = third.write();
    agreement.quiet(true);
    long decree = first.decrees.decree(ONE);
    first.stop();
    agreement.quiet(false);

    third.decrees.catchUp();

    assertThat(third.keyring.obeyed(ONE, decree)).isTrue();
    assertDestroyed(third, made);
  }

  @Test
  void oldDecreeNeverReachesKeysThatWereMadeSince() {
    Made before = third.write();
    Destruction unused = first.keys.destroy(ONE);
    Made after = third.write();

    third.decrees.catchUp();
    third.decrees.tick();
    third.stop();
    third.start();

    third.read(after);
    assertCode(StandardErrorCode.KEY_DESTROYED, () -> third.read(before));
    Destruction again = second.keys.destroy(ONE);
    assertThat(again.destroyed()).containsExactly(after.wrapped().bucketKeyId());
    assertDestroyed(third, after);
  }

  @Test
  void decreeIsKeptWhenItsBucketIsDeletedAndMadeAnew() {
    Made unused = third.write();
    Destruction done = first.keys.destroy(ONE);
    third.keyring.drop(ONE, "store", () -> {});
    assertThat(third.keyring.status().buckets()).isEmpty();

    // As a node that is alone would make it.
    Made anew = KeyringFixture.make(third.keyring, "one");
    third.stop();
    third.start();

    assertThat(done.missing()).isEmpty();
    third.read(anew);
  }

  @Test
  void decreesOfOneBucketGrowWhereTheClockDoesNot() {
    long one = first.decrees.decree(ONE);
    long two = second.decrees.decree(ONE);

    assertThat(two).isGreaterThan(one);
    assertThat(third.keyring.obeyed(ONE, two)).isTrue();
  }

  @Test
  void nodeThatComesForTheFirstTimeKeepsTheKeysThatItBrings() {
    Made unused = first.write();
    Destruction done = first.keys.destroy(ONE);
    Node fourth = new Node("node-4");
    Made brought = KeyringFixture.make(fourth.keyring, "one");

    fourth.start();

    assertThat(done.missing()).isEmpty();
    fourth.read(brought);
    Destruction again = first.keys.destroy(ONE);
    assertThat(again.destroyed()).containsExactly(brought.wrapped().bucketKeyId());
    assertDestroyed(fourth, brought);
  }

  @Test
  void nobodyDestroysAKeyThatNoDecreeSpeaksOf() {
    Made made = third.write();

    assertCode(
        StandardErrorCode.UNAVAILABLE,
        () ->
            KeyNodes.await(
                third.bus.request(
                    Message.command(
                            NodeKeys.DESTROY,
                            Payload.of(new NodeKeys.CarryOut(ONE, Long.MAX_VALUE)))
                        .build()),
                LIMIT));

    third.read(made);
  }

  // ---- rotation --------------------------------------------------------------------------------

  @Test
  void rotationsOfAllNodesAddUp() {
    Made one = first.write();
    Made other = third.write();

    Rotation master = first.keys.rotateMaster();
    Rotation buckets = first.keys.rotateBuckets();

    assertThat(master.rewrapped()).isEqualTo(2);
    assertThat(master.masterKeyId()).isEqualTo("sample-2");
    assertThat(master.refused()).isEmpty();
    assertThat(master.missing()).isEmpty();
    assertThat(buckets.buckets())
        .extracting(bucket -> bucket.node().orElseThrow(), bucket -> bucket.previousKeyId())
        .containsExactly(
            tuple(first.id, Optional.of(one.wrapped().bucketKeyId())),
            tuple(third.id, Optional.of(other.wrapped().bucketKeyId())));
    first.read(one);
    third.read(other);
  }

  @Test
  void nodeThatCannotMakeKeysFailsNothingButItself() {
    Made unused = third.write();
    second.fixture.vault.reachable(false);

    Rotation done = first.keys.rotateMaster();

    assertThat(done.rewrapped()).isEqualTo(1);
    assertThat(done.refused()).extracting(Refusal::node).containsExactly(second.id);
    assertThat(done.refused()).extracting(Refusal::code).containsExactly("KEY_UNAVAILABLE");
    first.fixture.vault.reachable(false);
    Rotation again = first.keys.rotateMaster();
    assertThat(again.masterKeyId()).as("of the first that could").isEqualTo("sample-3");
    third.fixture.vault.reachable(false);
    assertCode(StandardErrorCode.KEY_UNAVAILABLE, () -> first.keys.rotateMaster());
  }

  @Test
  void nodesThatDoNotAnswerARotationAreNamed() {
    Made unused = first.write();
    third.stop();

    assertThat(first.keys.rotateBucket(ONE).missing()).containsExactly(third.id);
    assertThat(first.keys.rotateMaster().missing()).containsExactly(third.id);
  }

  @Test
  void bucketIsRotatedWhereItHasKeys() {
    Made made = third.write();

    Rotation done = first.keys.rotateBucket(ONE);

    assertThat(done.buckets())
        .singleElement()
        .satisfies(
            bucket -> {
              assertThat(bucket.node()).contains(third.id);
              assertThat(bucket.previousKeyId()).contains(made.wrapped().bucketKeyId());
            });
  }

  @Test
  void bucketWithoutKeysAnywhereIsNotFoundUnlessSomebodyIsAway() {
    assertCode(StandardErrorCode.NOT_FOUND, () -> first.keys.rotateBucket(ONE));

    third.stop();

    assertCode(StandardErrorCode.UNAVAILABLE, () -> first.keys.rotateBucket(ONE));
  }

  // ---- status ----------------------------------------------------------------------------------

  @Test
  void statusShowsTheKeysOfAllNodesAndWhoseTheyAre() {
    Made one = first.write();
    Made other = third.write();

    KeysStatus status = second.keys.status();

    assertThat(status.missing()).isEmpty();
    assertThat(status.provider()).isEqualTo("sample");
    assertThat(status.masterKeys())
        .extracting(key -> key.node().orElseThrow())
        .containsExactly(second.id, first.id, third.id);
    assertThat(status.buckets())
        .singleElement()
        .satisfies(
            bucket ->
                assertThat(bucket.keys())
                    .extracting(key -> key.node().orElseThrow() + " " + key.id())
                    .containsExactlyInAnyOrder(
                        first.id + " " + one.wrapped().bucketKeyId(),
                        third.id + " " + other.wrapped().bucketKeyId()));
  }

  @Test
  void statusNamesNodesThatAreAwayAndWhatIsWrongWhere() {
    second.fixture.vault.reachable(false);
    third.stop();

    KeysStatus status = first.keys.status();

    assertThat(status.missing()).containsExactly(third.id);
    assertThat(status.problem()).hasValueSatisfying(text -> assertThat(text).contains("node-2: "));
  }

  @Test
  void messagesKeepTheirMeaningOnTheWire() {
    Made unused = first.write();
    Stream.of(
            new NodeKeys.StatusQuestion(Optional.empty()),
            new NodeKeys.StatusQuestion(Optional.of(ONE)),
            new NodeKeys.Rotate(NodeKeys.Scope.BUCKET, Optional.of(ONE)),
            new NodeKeys.CarryOut(ONE, 7),
            new NodeKeys.CarriedOut(List.of("one/1-a")),
            new NodeKeys.Rotated(Optional.of(first.keyring.rotateBuckets()), Optional.empty()),
            new NodeKeys.Rotated(
                Optional.empty(), Optional.of(new NodeKeys.Problem("NOT_FOUND", "none"))),
            first.keyring.status(),
            BucketKeys.none(),
            BucketKeys.none().withDecree(7))
        .forEach(
            message ->
                assertThat((Object) Json.read(Json.write(message), message.getClass()))
                    .isEqualTo(message));
    assertThat(
            Json.read(
                "{\"format\":1,\"keys\":[]}".getBytes(StandardCharsets.UTF_8), BucketKeys.class))
        .as("a record from before there were decrees")
        .isEqualTo(BucketKeys.none());
  }
}
