package io.datawarehouse.kernel.heat;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.heat.SegmentFigures.OwnFigure;
import io.datawarehouse.kernel.heat.SegmentFigures.OwnPlace;
import io.datawarehouse.kernel.heat.SegmentFigures.SegmentFigure;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.testkit.cluster.FakeCluster;
import io.datawarehouse.testkit.kernel.DirectMessageBus;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SegmentFiguresTest {

  private static final NodeId ONE = new NodeId("node-1");
  private static final NodeId TWO = new NodeId("node-2");
  private static final BucketName BUCKET = new BucketName("logs");
  private static final BucketName OTHER = new BucketName("photos");

  private final ManualClock clock = new ManualClock();
  private final AtomicLong nanos = new AtomicLong();
  private final Set<NodeId> away = new HashSet<>();
  private final AtomicInteger questions = new AtomicInteger();
  private final Map<NodeId, Node> nodes = new LinkedHashMap<>();

  SegmentFiguresTest() {
    nodes.put(ONE, new Node(ONE, "node-2"));
    nodes.put(TWO, new Node(TWO, "node-1"));
  }

  /** What everybody knows of buckets' own segments. */
  private List<OwnPlace> own = List.of();

  private final class Node {
    final SegmentHeat heat = new SegmentHeat(nanos::get);
    final FakeCluster cluster;
    final DirectMessageBus bus = new DirectMessageBus();
    final SegmentFigures figures;

    Node(NodeId self, String other) {
      cluster = new FakeCluster(self, clock);
      cluster.add(other);
      figures =
          new SegmentFigures(
              new SegmentFigures.Options(
                  self,
                  cluster::placement,
                  () -> own,
                  SegmentFiguresTest.this::requestAt,
                  heat,
                  nanos::get,
                  Duration.ofSeconds(1)));
      figures.register(bus);
    }
  }

  private CompletionStage<Reply> requestAt(NodeId node, Message message) {
    questions.incrementAndGet();
    return away.contains(node)
        ? CompletableFuture.failedFuture(
            new WarehouseException(StandardErrorCode.UNAVAILABLE, "away"))
        : nodes.get(node).bus.request(message);
  }

  private SegmentFigure figureOfSegmentOf(NodeId owner) {
    return nodes.get(ONE).figures.all().stream()
        .filter(figure -> figure.owner().equals(owner))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void ownersTellWhatTheyOwn() {
    int segment = figureOfSegmentOf(TWO).segment();
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    Node owner = nodes.get(TWO);
    for (int i = 0; i < 100; i++) {
      owner.heat.read(BlobKey.of("bucket", "a"), segment);
    }
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    settle(owner);

    SegmentFigure figure = figureOfSegmentOf(TWO);

    assertThat(figure.answered()).isTrue();
    assertThat(figure.requestsPerSecond().orElseThrow()).isBetween(5.0, 10.0);
    assertThat(figure.bytes()).hasValue(0);
    assertThat(nodes.get(ONE).figures.all())
        .extracting(SegmentFigure::segment)
        .hasSize(256)
        .isSorted();
  }

  @Test
  void ownersTellOfSegmentsThatBucketsHaveForThemselves() {
    own =
        List.of(
            new OwnPlace(BUCKET, 256, "[, m)", Optional.of(ONE)),
            new OwnPlace(BUCKET, 257, "[m, …)", Optional.of(TWO)),
            new OwnPlace(OTHER, 257, "prefix a", Optional.empty()));
    Node owner = nodes.get(TWO);
    BlobKey key = new BlobKey(BUCKET, "n");
    try (StockChange change = owner.heat.change(key, same -> 257)) {
      change.book(Optional.empty(), Optional.of(manifest(key, 40)));
    }
    assertThat(owner.heat.ownStock(BUCKET, 257)).as("before it is counted").isEmpty();
    owner.heat.ownLedgers().of(BUCKET).restart();
    assertThat(owner.heat.ownLedgers().of(BUCKET).settle(() -> true)).isTrue();
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    for (int i = 0; i < 100; i++) {
      owner.heat.read(key, 257);
    }
    try (StockChange change = owner.heat.change(key, same -> 257)) {
      change.book(Optional.empty(), Optional.of(manifest(key, 25)));
    }
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());

    List<OwnFigure> figures = nodes.get(ONE).figures.own();

    assertThat(figures).extracting(OwnFigure::place).isEqualTo(own);
    SegmentFigure second = figures.get(1).figure().orElseThrow();
    assertThat(second.owner()).isEqualTo(TWO);
    assertThat(second.bytes()).hasValue(25);
    assertThat(second.blobs()).hasValue(1);
    assertThat(second.requestsPerSecond().orElseThrow()).isBetween(5.0, 10.0);
    assertThat(figures.get(2).figure()).as("nobody owns it").isEmpty();
    assertThat(nodes.get(ONE).figures.own(OTHER, 256)).isEmpty();
    assertThat(nodes.get(ONE).figures.own(BUCKET, 257)).contains(figures.get(1));
  }

  @Test
  void whatMayBeBusyAndHasNoCounterIsNotZero() {
    own =
        List.of(
            new OwnPlace(BUCKET, 256, "all", Optional.of(TWO)),
            new OwnPlace(OTHER, 256, "all", Optional.of(TWO)));
    SegmentHeat heat = nodes.get(TWO).heat;
    assertThat(rateOf(OTHER)).as("nothing is asked for").hasValue(0);

    for (int segment = 256; heat.own().counted().size() < OwnTraffic.MOST - 1; segment++) {
      heat.read(new BlobKey(BUCKET, "a"), segment);
    }
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());

    assertThat(rateOf(BUCKET)).isPresent();
    assertThat(rateOf(OTHER)).as("there may be no room for it").isEmpty();
  }

  private OptionalDouble rateOf(BucketName bucket) {
    return nodes
        .get(ONE)
        .figures
        .own(bucket, 256)
        .flatMap(OwnFigure::figure)
        .orElseThrow()
        .requestsPerSecond();
  }

  /** What another node owns is not its to tell. */
  @Test
  void onlyTheOwnerTellsOfASegment() {
    own = List.of(new OwnPlace(BUCKET, 300, "[, m)", Optional.of(TWO)));
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    for (int i = 0; i < 100; i++) {
      nodes.get(ONE).heat.read(new BlobKey(BUCKET, "a"), 300);
      nodes.get(TWO).heat.write(new BlobKey(BUCKET, "b"), 300);
    }
    nodes.get(TWO).heat.bytes(BUCKET, 300, 4_000);
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());

    SegmentFigure figure =
        nodes.get(ONE).figures.own(BUCKET, 300).flatMap(OwnFigure::figure).orElseThrow();

    assertThat(figure.writesPerSecond().orElseThrow()).isBetween(5.0, 10.0);
    assertThat(figure.readsPerSecond()).hasValue(0);
    assertThat(figure.bytesPerSecond().orElseThrow()).isBetween(200.0, 400.0);
  }

  @Test
  void whatIsNotCountedYetIsNotZero() {
    SegmentFigure figure = figureOfSegmentOf(TWO);

    assertThat(figure.answered()).isTrue();
    assertThat(figure.bytes()).isEmpty();
    assertThat(figure.blobs()).isEmpty();
    assertThat(figure.requestsPerSecond()).hasValue(0);
  }

  @Test
  void nothingIsKnownOfTheSegmentsOfANodeThatIsAway() {
    settle(nodes.get(ONE));
    away.add(TWO);

    assertThat(figureOfSegmentOf(ONE).bytes()).hasValue(0);
    SegmentFigure unknown = figureOfSegmentOf(TWO);
    assertThat(unknown.answered()).isFalse();
    assertThat(unknown.bytes()).isEmpty();
    assertThat(unknown.requestsPerSecond()).isEmpty();
  }

  @Test
  void ownersAreAskedOnceASecondHoweverManyAsk() {
    List<SegmentFigure> first = nodes.get(ONE).figures.all();
    assertThat(nodes.get(ONE).figures.all()).isSameAs(first);
    assertThat(questions).hasValue(1);

    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    nodes.get(ONE).figures.all();

    assertThat(questions).hasValue(2);
  }

  @Test
  void figuresTravel() {
    HeatMessages.FiguresAnswer answer =
        new HeatMessages.FiguresAnswer(
            List.of(
                new HeatMessages.Figures(
                    7, 1.5, 0, 3, OptionalLong.empty(), OptionalLong.of(5), OptionalLong.of(6))),
            List.of(
                new HeatMessages.OwnFigures(
                    BUCKET,
                    300,
                    OptionalDouble.of(1.5),
                    OptionalDouble.of(0),
                    OptionalDouble.empty(),
                    OptionalLong.empty(),
                    OptionalLong.of(5),
                    OptionalLong.of(6))));

    assertThat(Json.read(Json.write(answer), HeatMessages.FiguresAnswer.class)).isEqualTo(answer);
  }

  private static BlobManifest manifest(BlobKey key, long size) {
    return new BlobManifest(
        key.bucket(),
        key.key(),
        size,
        size,
        "text/plain",
        "0".repeat(64),
        "",
        Instant.EPOCH,
        Instant.EPOCH,
        Map.of(),
        List.of(),
        0,
        List.of(),
        false);
  }

  private static void settle(Node node) {
    node.heat.ledger().restart();
    assertThat(node.heat.ledger().settle(() -> true)).isTrue();
  }
}
