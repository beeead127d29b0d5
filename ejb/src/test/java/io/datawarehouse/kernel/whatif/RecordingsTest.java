package io.datawarehouse.kernel.whatif;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.blob.FakeBus;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.whatif.LoadRecorder.Recorded;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecordingsTest {

  private static final long MILLI = 1_000_000;
  private static final NodeId SELF = new NodeId("node-1");
  private static final NodeId OTHER = new NodeId("node-2");

  /** The other node has been up for far longer. */
  private static final long APART = 77_000_000_000_000L;

  private final AtomicLong now = new AtomicLong(5_000 * MILLI);
  private final LoadRecorder own = recorder(0);
  private final LoadRecorder theirs = recorder(APART);
  private final FakeBus bus = new FakeBus();
  private long toThere;
  private long back;

  private LoadRecorder recorder(long apart) {
    return new LoadRecorder(true, () -> now.get() + apart, () -> Duration.ofMinutes(5));
  }

  private static void take(LoadRecorder recorder, int standsFor) {
    recorder.take(new Recorded(recorder.now(), true, -7, SELF, 3 * MILLI, 10, standsFor));
  }

  /** Over the wire and back, which takes its time. */
  private CompletionStage<Reply> overTheWire(NodeId node, Message message) {
    now.addAndGet(toThere);
    CompletionStage<Reply> reply =
        bus.request(message.copy().payload(encoded(message.payload())).build());
    now.addAndGet(back);
    return reply.thenApply(told -> Reply.of(encoded(told.payload())).delivered(node, Json.codec()));
  }

  private static Payload encoded(Payload payload) {
    return Payload.encoded(Payload.JSON, payload.toBytes(Json.codec()), Json.codec());
  }

  private Recordings.Gathered gather(NodeId... nodes) {
    return new Recordings(
            new Recordings.Options(SELF, own, this::overTheWire, Duration.ofSeconds(20)))
        .gather(List.of(nodes));
  }

  private void register() {
    new Recordings(new Recordings.Options(OTHER, theirs, this::overTheWire, Duration.ofSeconds(20)))
        .register(bus);
  }

  @Test
  void nodesOfWhichTheTickersDifferAreOnOneTimeLine() {
    register();
    long first = now.get();
    take(own, 1);
    now.addAndGet(40 * MILLI);
    take(theirs, 4);
    now.addAndGet(60 * MILLI);

    Recordings.Gathered gathered = gather(SELF, OTHER);

    assertThat(gathered.missing()).isEmpty();
    assertThat(gathered.recordings())
        .extracting(Recordings.Recording::node)
        .containsExactly(SELF, OTHER);
    assertThat(gathered.recordings().get(0).sample())
        .containsExactly(new Recorded(first, true, -7, SELF, 3 * MILLI, 10, 1));
    assertThat(gathered.recordings().get(1).sample())
        .containsExactly(new Recorded(first + 40 * MILLI, true, -7, SELF, 3 * MILLI, 10, 4));
    assertThat(gathered.recordings().get(1).withinNanos()).isZero();
  }

  @Test
  void timeLineIsOffByHalfOfTheWayAtMost() {
    register();
    long sent = now.get();
    take(theirs, 1);
    toThere = 5 * MILLI;
    back = 35 * MILLI;

    Recordings.Recording recording = gather(OTHER).recordings().get(0);

    assertThat(recording.withinNanos()).isEqualTo(20 * MILLI);
    assertThat(Math.abs(recording.sample().get(0).atNanos() - sent))
        .isPositive()
        .isLessThanOrEqualTo(20 * MILLI);
  }

  @Test
  void nodeThatKnowsNoSuchQuestionIsMissing() {
    take(own, 1);

    Recordings.Gathered gathered = gather(SELF, OTHER);

    assertThat(gathered.recordings()).extracting(Recordings.Recording::node).containsExactly(SELF);
    assertThat(gathered.missing()).containsExactly(OTHER);
  }

  @Test
  void nodeThatDoesNotAnswerInTimeIsMissing() {
    Recordings recordings =
        new Recordings(
            new Recordings.Options(
                SELF, own, (node, message) -> new CompletableFuture<>(), Duration.ofMillis(1)));

    assertThat(recordings.gather(List.of(OTHER, SELF)).missing()).containsExactly(OTHER);
  }

  @Test
  void nodeThatTellsMoreThanItWasAskedForIsMissing() {
    NodeId[] many =
        IntStream.range(0, 1_000).mapToObj(i -> new NodeId("n" + i)).toArray(NodeId[]::new);
    List<RecordingMessages.Request> requests = new ArrayList<>();
    for (int i = 0; i < 257; i++) {
      requests.add(new RecordingMessages.Request(i, 0, Optional.empty(), 1, 1, 1));
    }
    Reply tooMany =
        Reply.of(Payload.of(new RecordingMessages.Answer(true, List.of(SELF), requests)));
    Recordings recordings =
        new Recordings(
            new Recordings.Options(
                SELF,
                own,
                (node, message) -> CompletableFuture.completedFuture(tooMany),
                Duration.ofSeconds(20)));

    assertThat(recordings.gather(List.of(many)).recordings()).isEmpty();
    assertThat(recordings.gather(List.of(OTHER)).missing()).isEmpty();
  }

  @Test
  void nodesTellFewerRequestsTheMoreNodesThereAre() {
    List<Recorded> sample = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      sample.add(new Recorded(i, false, 0, SELF, 1, 0, 1 + i % 3));
    }

    List<Recorded> kept = Recordings.thinned(sample, 512);

    assertThat(kept).hasSizeBetween(256, 512);
    assertThat(kept.stream().mapToLong(Recorded::standsFor).sum())
        .isEqualTo(sample.stream().mapToLong(Recorded::standsFor).sum());
    assertThat(kept.get(0).atNanos()).isLessThan(20);
    assertThat(kept.get(kept.size() - 1).atNanos()).isGreaterThan(4_980);
    assertThat(Recordings.thinned(sample, 5_000)).isEqualTo(sample);
  }

  @Test
  void askedForTooMuchANodeSaysSo() {
    assertThatThrownBy(() -> new RecordingMessages.Question(LoadRecorder.CAPACITY + 1))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("most");
  }
}
