package io.datawarehouse.kernel.keys;

import static io.datawarehouse.kernel.keys.KeyringFixture.CONTENT;
import static io.datawarehouse.kernel.keys.KeyringFixture.blob;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.cluster.FakeAgreement;
import io.datawarehouse.kernel.heat.CopyOrigins;
import io.datawarehouse.kernel.heat.CopyShelf;
import io.datawarehouse.kernel.heat.HeatRules;
import io.datawarehouse.kernel.heat.HotSegments;
import io.datawarehouse.kernel.heat.LeasePlace;
import io.datawarehouse.kernel.heat.ReadCopies;
import io.datawarehouse.kernel.heat.SegmentHeat;
import io.datawarehouse.kernel.keys.KeyOffice.Destruction;
import io.datawarehouse.kernel.keys.KeyringFixture.Made;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.sdk.balance.Aggressiveness;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.testkit.kernel.DirectMessageBus;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys are destroyed of a bucket of which other nodes have contents in their memory. */
class CopiesOfDestroyedKeysTest {

  private static final BucketName ONE = new BucketName("one");
  private static final BlobKey KEY = blob("one");
  private static final int SEGMENT = ShardMap.HASHED.segmentOf(KEY.bucket(), KEY.key());
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final HeatRules RULES =
      new HeatRules(
          true,
          OptionalInt.of(10),
          false,
          Aggressiveness.AGGRESSIVE,
          Duration.ofSeconds(10),
          Duration.ofMinutes(5),
          10,
          true);

  private final FakeAgreement agreement = new FakeAgreement(new NodeId("other"));
  private final AtomicLong nanos = new AtomicLong(5);
  private final Map<NodeId, Node> nodes = new LinkedHashMap<>();
  private final Set<NodeId> away = ConcurrentHashMap.newKeySet();
  private final List<Boolean> servedAtDestruction = new ArrayList<>();
  private final Node owner = new Node("owner");
  private final Node holder = new Node("holder");
  private final Node other = new Node("other");

  /** One node owns everything. */
  private record AllOfOne(long topologyId, int segments, List<NodeId> ranked) implements Placement {
    @Override
    public List<NodeId> owners(int segment) {
      return ranked;
    }
  }

  private final Placement placement =
      new AllOfOne(1, 256, List.of(new NodeId("owner"), new NodeId("holder"), new NodeId("other")));

  private final class Node {

    final NodeId id;
    final KeyringFixture fixture = new KeyringFixture();
    final Keyring keyring = fixture.open();
    final DirectMessageBus bus = new DirectMessageBus();
    final SegmentHeat heat = new SegmentHeat(nanos::get);
    ReadCopies copies;
    HotSegments hot;
    DecreedKeys decrees;
    ClusterKeys keys;

    Node(String name) {
      id = new NodeId(name);
      nodes.put(id, this);
    }

    void start() {
      copies =
          new ReadCopies(
              new ReadCopies.Options(
                  id,
                  id.value(),
                  CopyOrigins.hashed(() -> placement),
                  CopiesOfDestroyedKeysTest.this::requestAt,
                  heat,
                  nanos::get,
                  CopiesOfDestroyedKeysTest.this::await,
                  new RecordingMetrics(),
                  ReadCopies.Settings.defaults()));
      hot =
          new HotSegments(
              new HotSegments.Options(
                  id,
                  () -> placement,
                  () -> List.copyOf(nodes.keySet()),
                  heat,
                  Optional.of(copies),
                  () -> RULES,
                  fixture.clock,
                  nanos::get,
                  new RecordingMetrics()));
      decrees =
          new DecreedKeys(
              new DecreedKeys.Options(
                  keyring,
                  id,
                  "test",
                  agreement,
                  new InMemoryKernelStorage(),
                  fixture.clock,
                  nanos::get,
                  Runnable::run,
                  LIMIT,
                  destroying -> copies.withoutCopies(() -> watched(destroying.get()))));
      keys =
          new ClusterKeys(
              new ClusterKeys.Options(
                  id,
                  nodes::keySet,
                  CopiesOfDestroyedKeysTest.this::requestAt,
                  keyring,
                  decrees,
                  LIMIT,
                  LIMIT));
      copies.register(bus);
      keys.register(bus);
      decrees.open();
    }

    /** Notes who could be served a copy at the moment at which the keys are gone. */
    private List<String> watched(List<String> destroyed) {
      if (id.equals(owner.id)) {
        servedAtDestruction.add(holder.copies.find(KEY, SEGMENT, source()).isPresent());
      }
      return destroyed;
    }
  }

  @BeforeEach
  void start() {
    nodes.values().forEach(Node::start);
    pass(Duration.ofSeconds(3));
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 50; j++) {
        owner.heat.read(KEY, SEGMENT);
      }
      pass(Duration.ofMillis(500));
      nodes.values().forEach(node -> node.hot.tick());
      nodes.values().forEach(node -> node.copies.tick());
    }
    CopyShelf.Fetch fetch = holder.copies.fetch(KEY, source()).orElseThrow();
    holder.copies.keep(fetch, new CopyShelf.Copy(manifest(), Bytes.utf8("secret")));
    assertThat(holder.copies.find(KEY, SEGMENT, source())).isPresent();
  }

  private CopyShelf.Source source() {
    return new CopyShelf.Source(owner.id, LeasePlace.hashed(SEGMENT));
  }

  private static BlobManifest manifest() {
    return new BlobManifest(
        KEY.bucket(),
        KEY.key(),
        6,
        6,
        "text/plain",
        "0".repeat(64),
        "",
        Instant.EPOCH,
        Instant.EPOCH,
        Map.of(),
        List.of(),
        SEGMENT,
        List.of(),
        false);
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /** Who waits for an answer that does not come waits in the manual time. */
  private boolean await(Semaphore answers, long left) {
    if (answers.tryAcquire()) {
      return true;
    }
    nanos.addAndGet(left);
    return false;
  }

  private CompletableFuture<Reply> requestAt(NodeId id, Message message) {
    return away.contains(id)
        ? CompletableFuture.failedFuture(
            new WarehouseException(StandardErrorCode.UNAVAILABLE, id + " is away"))
        : nodes.get(id).bus.request(message).toCompletableFuture();
  }

  private Made write() {
    try (DataKey key = owner.decrees.create(KEY, CONTENT)) {
      return new Made(KEY, key.material().clone(), key.wrapped());
    }
  }

  private void assertNothingIsLeft(Made made) {
    assertThat(servedAtDestruction).containsExactly(false);
    assertThat(holder.copies.find(KEY, SEGMENT, source())).isEmpty();
    assertThatThrownBy(() -> owner.decrees.open(KEY, CONTENT, made.wrapped()))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.KEY_DESTROYED));
  }

  @Test
  void copiesAreGoneOnOtherNodesWhoeverIsAsked() {
    Made made = write();

    Destruction done = other.keys.destroy(ONE);

    assertThat(done.missing()).isEmpty();
    assertThat(done.destroyed()).containsExactly(made.wrapped().bucketKeyId());
    assertNothingIsLeft(made);
  }

  @Test
  void copiesAreGoneAlsoWhereTheirHolderCannotBeReached() {
    Made made = write();
    away.add(holder.id);

    Destruction done = other.keys.destroy(ONE);

    assertThat(done.missing()).containsExactly(holder.id);
    assertNothingIsLeft(made);
  }

  @Test
  void copiesAreGoneOfAnOwnerThatHearsOfTheDecreeByTheAgreementAlone() {
    Made made = write();
    away.add(owner.id);
    away.add(holder.id);

    long unused = other.decrees.decree(ONE);

    assertNothingIsLeft(made);
  }
}
