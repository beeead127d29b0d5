package io.datawarehouse.testkit.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.plugin.IntelligenceAwarePluginBase;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a feature that makes use of intelligence can count on, over any bus: it finds an
 * intelligence plugin that comes, does without one that has gone, and never fails because of it. A
 * subclass gives two views of one bus, as two plugins have them.
 */
public abstract class IntelligenceAwareContract {

  /** A feature that shows what its base class knows. */
  public static final class Feature extends IntelligenceAwarePluginBase {

    /** Makes one that waits that long for an answer. */
    public Feature(Duration answerLimit) {
      super(PluginManifest.of("feature", "Feature", "1.0.0", "test"), answerLimit);
    }

    boolean known() {
      return intelligenceKnown();
    }

    boolean available() {
      return intelligenceAvailable();
    }

    CompletionStage<Boolean> asked() {
      return askForIntelligence();
    }

    CompletionStage<String> does(Supplier<CompletionStage<String>> clever) {
      return withIntelligence(clever, () -> "plain");
    }

    CompletionStage<String> doesOverTheBus() {
      return does(
          () ->
              ask(Message.query(FakeIntelligence.ASK, Payload.empty()).build())
                  .thenApply(reply -> reply.as(String.class)));
    }
  }

  private static final Duration MEMORY = IntelligenceAwarePluginBase.MEMORY;
  private static final long SOON_SECONDS = 10;

  @TempDir private static Path directory;

  /** Patient, so that a busy machine does not turn yes into no. */
  private final Feature feature = new Feature(Duration.ofSeconds(SOON_SECONDS));

  private FakeKernelContext context;
  private FakeIntelligence intelligence;

  /** Returns the bus as the feature sees it. */
  protected abstract MessageBus featureBus();

  /** Returns the same bus as the intelligence plugin sees it. */
  protected abstract MessageBus intelligenceBus();

  /**
   * Waits until what the intelligence did is known to the feature's node; nothing to do locally.
   */
  protected void settle() {}

  @BeforeEach
  void startFeature() throws Exception {
    context = new FakeKernelContext("feature", directory, Map.of());
    intelligence = new FakeIntelligence(intelligenceBus());
    feature.start(context.on(featureBus()));
  }

  @AfterEach
  void stopFeature() throws Exception {
    feature.stop();
    intelligence.go();
    context.close();
  }

  @Test
  void withoutIntelligenceTheAnswerIsNoAndNothingFails() {
    assertThat(feature.available()).isFalse();
    assertThat(feature.known()).isFalse();
    assertThat(now(feature.asked())).isFalse();
    assertThat(now(feature.doesOverTheBus())).isEqualTo("plain");
  }

  @Test
  void intelligenceThatIsThereIsFoundAndUsed() {
    comes();

    assertThat(feature.available()).isTrue();
    assertThat(feature.known()).isTrue();
    assertThat(now(feature.doesOverTheBus())).isEqualTo("clever");
  }

  @Test
  void nothingIsKnownBeforeTheFirstAnswerAndLookingDoesNotWait() {
    CompletableFuture<Reply> answer = new CompletableFuture<>();
    intelligence.answering(message -> answer);
    comes();

    assertThat(feature.known()).isFalse();
    answer.complete(FakeIntelligence.yes());
    Awaitility.await().atMost(SOON_SECONDS, TimeUnit.SECONDS).until(() -> now(feature.asked()));

    assertThat(feature.known()).isTrue();
    assertThat(intelligence.questions()).isEqualTo(1);
  }

  @Test
  void yesIsRememberedForSixtySecondsThoughTheIntelligenceHasGone() {
    comes();
    assertThat(feature.available()).isTrue();
    goes();

    context.clock().advance(MEMORY.minusMillis(1));
    assertThat(feature.available()).isTrue();
    context.clock().advance(Duration.ofMillis(1));
    assertThat(feature.available()).isFalse();
    assertThat(intelligence.questions()).isEqualTo(1);
  }

  @Test
  void noIsRememberedForSixtySecondsThoughTheIntelligenceHasCome() {
    assertThat(feature.available()).isFalse();
    comes();

    context.clock().advance(MEMORY.minusMillis(1));
    assertThat(feature.available()).isFalse();
    assertThat(intelligence.questions()).isZero();
    context.clock().advance(Duration.ofMillis(1));
    assertThat(feature.available()).isTrue();
    assertThat(intelligence.questions()).isEqualTo(1);
  }

  @Test
  void intelligenceMayComeAndGoAgainAndAgain() {
    List<Boolean> seen = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      comes();
      context.clock().advance(MEMORY);
      seen.add(feature.available());
      goes();
      context.clock().advance(MEMORY);
      seen.add(feature.available());
    }
    assertThat(seen).containsExactly(true, false, true, false, true, false);
  }

  @Test
  void clockThatWasSetBackDoesNotKeepAnAnswerForEver() {
    assertThat(feature.available()).isFalse();
    comes();

    context.clock().advance(Duration.ofDays(-1));

    assertThat(feature.available()).isTrue();
  }

  @Test
  void manyWhoAskShareOneQuestion() {
    CompletableFuture<Reply> answer = new CompletableFuture<>();
    intelligence.answering(message -> answer);
    comes();

    List<CompletionStage<Boolean>> asked = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      asked.add(feature.asked());
    }
    Awaitility.await()
        .atMost(SOON_SECONDS, TimeUnit.SECONDS)
        .until(() -> intelligence.questions() == 1);
    answer.complete(FakeIntelligence.yes());

    assertThat(asked).extracting(IntelligenceAwareContract::now).hasSize(50).containsOnly(true);
    assertThat(intelligence.questions()).isEqualTo(1);
  }

  @Test
  void oneThatSaysItIsNotAvailableMeansNo() {
    intelligence.answering(MessageHandler.sync(message -> FakeIntelligence.no()));
    comes();

    assertThat(feature.available()).isFalse();
    assertThat(intelligence.questions()).isEqualTo(1);
  }

  @Test
  void oneThatFailsMeansNo() {
    intelligence.answering(
        message -> {
          throw new IllegalStateException("out of ideas");
        });
    comes();

    assertThat(feature.available()).isFalse();
    assertThat(intelligence.questions()).isEqualTo(1);
  }

  @Test
  void answerThatMakesNoSenseMeansNo() {
    intelligence.answering(MessageHandler.sync(message -> Reply.of(42)));
    comes();

    assertThat(feature.available()).isFalse();
    assertThat(intelligence.questions()).isEqualTo(1);
  }

  @Test
  void oneThatNeverAnswersMeansNoWithinTheLimitAndIsNotAskedAgainMeanwhile() throws Exception {
    Feature hasty = new Feature(Duration.ofMillis(50));
    hasty.start(context.on(featureBus()));
    intelligence.answering(message -> new CompletableFuture<>());
    comes();
    long begin = System.nanoTime();

    assertThat(hasty.available()).isFalse();
    assertThat(hasty.available()).isFalse();

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
    assertThat(now(hasty.asked())).isFalse();
    assertThat(intelligence.questions()).isLessThanOrEqualTo(1);
    hasty.stop();
  }

  @Test
  void intelligenceThatGoesBetweenTheAnswerAndTheUseIsDoneWithout() {
    comes();
    assertThat(feature.available()).isTrue();
    goes();

    assertThat(now(feature.doesOverTheBus())).isEqualTo("plain");
    // That it has gone is remembered as well as an answer would be.
    assertThat(feature.available()).isFalse();
    comes();
    assertThat(feature.available()).isFalse();
    context.clock().advance(MEMORY);
    assertThat(feature.available()).isTrue();
  }

  @Test
  void useThatFailsForAnotherReasonIsDoneWithoutAndTheAnswerStays() {
    comes();
    assertThat(feature.available()).isTrue();

    String failed =
        now(
            feature.does(
                () ->
                    CompletableFuture.failedFuture(
                        new WarehouseException(
                            StandardErrorCode.INVALID_ARGUMENT, "cannot read it"))));
    String thrown =
        now(
            feature.does(
                () -> {
                  throw new IllegalStateException("cannot even ask");
                }));

    assertThat(failed).isEqualTo("plain");
    assertThat(thrown).isEqualTo("plain");
    assertThat(feature.available()).isTrue();
    assertThat(intelligence.questions()).isEqualTo(1);
  }

  @Test
  void executorThatTakesNothingMeansNo() {
    context.close();
    comes();

    assertThat(feature.available()).isFalse();
    assertThat(now(feature.doesOverTheBus())).isEqualTo("plain");
  }

  private void comes() {
    intelligence.come();
    settle();
  }

  private void goes() {
    intelligence.go();
    settle();
  }

  private static <T> T now(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(SOON_SECONDS, TimeUnit.SECONDS).join();
  }
}
