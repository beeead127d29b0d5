package io.datawarehouse.kernel.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.balance.Stickiness;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AffinityTest {

  private static final Topic TOPIC = Topic.of("work.do");
  private static final Message MESSAGE = Message.query(TOPIC, Payload.empty()).build();
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Map<String, String> TAGS = Map.of("provider", "own");
  private static final NodeId A = new NodeId("node-a");
  private static final NodeId B = new NodeId("node-b");

  private final AtomicLong nanos = new AtomicLong();
  private final RecordingMetrics metrics = new RecordingMetrics();
  private final Affinities affinities = new Affinities(nanos::get, metrics);

  private record Own(Function<Message, @Nullable String> says, Stickiness stickiness)
      implements AffinityProvider {
    @Override
    public String affinityName() {
      return "own";
    }

    @Override
    public @Nullable String keyOf(Message message) {
      return says.apply(message);
    }
  }

  private static Own own(Function<Message, @Nullable String> says) {
    return new Own(says, new Stickiness.Pinned(Duration.ofMinutes(1), 10));
  }

  private Affinity working(AffinityProvider provider) {
    return assigned(provider).affinity().orElseThrow();
  }

  private Assignment assigned(AffinityProvider provider) {
    return affinities
        .assign(new AffinityPolicy(AffinityRules.parse("work.*=own"), List.of(provider)), TOPIC)
        .orElseThrow();
  }

  @Test
  void nullAndEmptyBelongToNothingAndAreNoFailure() {
    assertThat(working(own(message -> null)).keyOf(MESSAGE)).isNull();
    assertThat(working(own(message -> "")).keyOf(MESSAGE)).isNull();
    assertThat(metrics.count("affinity.failures", TAGS)).isZero();
  }

  @Test
  void ofALongKeyTheBeginningCounts() {
    String key = working(own(message -> "k".repeat(5_000))).keyOf(MESSAGE);

    assertThat(key).isEqualTo("k".repeat(Affinity.LONGEST_KEY));
  }

  @Test
  void failuresAreCountedAndToldOnceInAWhile() {
    List<LogRecord> told = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            told.add(line);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(Affinity.class.getName());
    logger.addHandler(handler);
    try {
      Affinity failing =
          working(
              own(
                  message -> {
                    throw new IllegalStateException("it is tired");
                  }));
      for (int i = 0; i < 1_000; i++) {
        assertThat(failing.keyOf(MESSAGE)).isNull();
      }
      assertThat(told).hasSize(1);
      nanos.addAndGet(Duration.ofSeconds(10).toNanos());
      assertThat(failing.keyOf(MESSAGE)).isNull();

      assertThat(told).hasSize(2);
      assertThat(told.get(1).getParameters()).contains(1_000L);
      assertThat(metrics.count("affinity.failures", TAGS)).isEqualTo(1_001);
    } finally {
      logger.removeHandler(handler);
    }
  }

  @Test
  void providerThatCannotSayHowKeysStayIsNotUsed() {
    Assignment assigned =
        assigned(
            new AffinityProvider() {
              @Override
              public String affinityName() {
                return "own";
              }

              @Override
              public String keyOf(Message message) {
                return "k";
              }

              @Override
              public Stickiness stickiness() {
                throw new IllegalStateException("it does not know");
              }
            });

    assertThat(assigned.affinity()).isEmpty();
    assertThat(assigned.explain(MESSAGE, NOW).because()).contains("does not run");
  }

  @Test
  void whatIsRememberedOutlivesRulesAndGoesWithTheProvider() {
    Own provider = own(message -> "k");
    working(provider).pins().keep("k", A);

    assertThat(working(provider).pins().find("k")).isEqualTo(A);
    assertThat(working(own(message -> "k")).pins().find("k")).as("of another one").isNull();
  }

  @Test
  void keysAreCountedMovedAndForgotten() {
    Affinity affinity = working(own(message -> "k"));
    affinity.pins().keep("k", A);
    affinity.move("k", A, B);
    affinity.move("k", A, B);
    assertThat(metrics.count("affinity.moved", TAGS)).isEqualTo(1);
    assertThat(affinity.pins().size()).isEqualTo(1);

    nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    affinities.tick();

    assertThat(affinity.pins().size()).isZero();
  }

  @Test
  void explanationTellsWhoKeepsTheKeyAndSinceWhen() {
    Assignment assigned = assigned(own(message -> "k"));
    assertThat(assigned.explain(MESSAGE, NOW))
        .satisfies(
            told -> {
              assertThat(told.provider()).isEqualTo("own");
              assertThat(told.rule()).isEqualTo("work.*");
              assertThat(told.key()).contains("k");
              assertThat(told.stickiness()).contains("pinned");
              assertThat(told.pinned()).isFalse();
            });
    assigned.affinity().orElseThrow().pins().keep("k", A);
    nanos.addAndGet(Duration.ofSeconds(5).toNanos());

    AffinityAnswer told = assigned.explain(MESSAGE, NOW);

    assertThat(told.pinned()).isTrue();
    assertThat(told.node()).contains(A);
    assertThat(told.since()).contains(NOW.minusSeconds(5));
  }

  @Test
  void explanationTellsWhyThereIsNoKey() {
    Message withKey = MESSAGE.copy().affinityKey("mine").build();

    assertThat(assigned(own(message -> null)).explain(MESSAGE, NOW).because())
        .contains("finds nothing");
    assertThat(assigned(own(message -> "k")).explain(withKey, NOW))
        .satisfies(
            told -> {
              assertThat(told.key()).isEmpty();
              assertThat(told.because()).contains("of its own");
            });
    assertThat(
            affinities
                .assign(new AffinityPolicy(AffinityRules.parse("**=gone"), List.of()), TOPIC)
                .orElseThrow()
                .explain(MESSAGE, NOW)
                .because())
        .contains("does not run");
  }
}
