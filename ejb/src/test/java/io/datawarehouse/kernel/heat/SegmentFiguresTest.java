package io.datawarehouse.kernel.heat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.datawarehouse.kernel.heat.SegmentFigures.SegmentFigure;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.blob.BlobKey;
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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  private final ManualClock clock = new ManualClock();
  private final AtomicLong nanos = new AtomicLong();
  private final Set<NodeId> away = new HashSet<>();
  private final AtomicInteger questions = new AtomicInteger();
  private final Map<NodeId, Node> nodes = new LinkedHashMap<>();

  SegmentFiguresTest() {
    nodes.put(ONE, new Node(ONE, "node-2"));
    nodes.put(TWO, new Node(TWO, "node-1"));
  }

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
                  new OwnedByTwo(),
                  SegmentFiguresTest.this::requestAt,
                  heat,
                  nanos::get,
                  Duration.ofSeconds(1)));
      figures.register(bus);
    }
  }

  /** Node 2 owns all segments of all buckets' own. */
  private static final class OwnedByTwo implements OwnSegments {
    @Override
    public Optional<Known> find(BucketName bucket, int segment) {
      return Optional.of(new Known(TWO, "[, m)", true));
    }

    @Override
    public Set<NodeId> owners() {
      return Set.of(TWO);
    }
  }

  @Test
  void ownersTellTheBusiestSegmentsOfBucketsOwn() {
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    for (int i = 0; i < 100; i++) {
      // What another node owns is not its to tell.
      nodes.get(ONE).heat.read(BlobKey.of("bucket", "a"), 300);
      nodes.get(TWO).heat.read(BlobKey.of("bucket", "a"), 300);
      nodes.get(TWO).heat.write(BlobKey.of("bucket", "b"), 301);
      nodes.get(TWO).heat.write(BlobKey.of("bucket", "b"), 301);
    }
    nodes.get(TWO).heat.bytes(new BucketName("bucket"), 301, 4_000);
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());

    List<SegmentFigures.OwnFigure> own = nodes.get(ONE).figures.both().own();

    assertThat(own)
        .extracting(SegmentFigures.OwnFigure::segment, SegmentFigures.OwnFigure::owner)
        .containsExactly(tuple(301, TWO), tuple(300, TWO));
    assertThat(own.get(0).writesPerSecond()).isBetween(10.0, 20.0);
    assertThat(own.get(0).readsPerSecond()).isZero();
    assertThat(own.get(0).bytesPerSecond()).isBetween(200.0, 400.0);
    assertThat(own.get(1).readsPerSecond()).isBetween(5.0, 10.0);
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
                new HeatMessages.OwnFigures(new BucketName("photos"), 300, "[a, …)", 1.5, 0, 3)));

    assertThat(Json.read(Json.write(answer), HeatMessages.FiguresAnswer.class)).isEqualTo(answer);
  }

  private static void settle(Node node) {
    node.heat.ledger().restart();
    assertThat(node.heat.ledger().settle(() -> true)).isTrue();
  }
}
