package io.datawarehouse.sdk.plugin;

import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The root of features that do better with an intelligence plugin and do without one. Whether there
 * is one is asked over the bus ({@link IntelligenceStatus#TOPIC}) and remembered, yes or no, for 60
 * seconds of the context's clock. Nobody there, an error, a late answer, one that makes no sense:
 * all of these mean no, and none of them is an error of this plugin.
 *
 * <p>The protected methods are thread-safe and may be called from {@code onStart} on. The question
 * is put on the plugin's own executor, one at a time however many wait for the answer; a caller
 * waits for the answer's limit ({@link #ANSWER_LIMIT}) at most, and only if it chose the method
 * that waits.
 *
 * @since 0.1
 */
public abstract class IntelligenceAwarePluginBase extends FeaturePluginBase {

  /** How long an answer is remembered. */
  public static final Duration MEMORY = Duration.ofSeconds(60);

  /** How long an answer may take before it counts as no, where a plugin does not say otherwise. */
  public static final Duration ANSWER_LIMIT = Duration.ofMillis(500);

  private static final Set<StandardErrorCode> AWAY =
      EnumSet.of(
          StandardErrorCode.NO_HANDLER,
          StandardErrorCode.TIMEOUT,
          StandardErrorCode.UNAVAILABLE,
          StandardErrorCode.CIRCUIT_OPEN);

  private static final Duration LONGEST_LIMIT = Duration.ofSeconds(10);

  private final AtomicReference<@Nullable Question> latest = new AtomicReference<>();
  private final Duration answerLimit;

  /** Makes a plugin with that manifest. */
  protected IntelligenceAwarePluginBase(PluginManifest manifest) {
    this(manifest, ANSWER_LIMIT);
  }

  /**
   * Makes a plugin that waits longer, or less long.
   *
   * @param manifest what it says of itself
   * @param answerLimit how long an answer may take, more than zero, at most 10 seconds
   */
  protected IntelligenceAwarePluginBase(PluginManifest manifest, Duration answerLimit) {
    super(manifest);
    if (answerLimit.isZero()
        || answerLimit.isNegative()
        || answerLimit.compareTo(LONGEST_LIMIT) > 0) {
      throw WarehouseException.invalid(
          "answerLimit", answerLimit, "use more than zero, at most 10 seconds");
    }
    this.answerLimit = answerLimit;
  }

  /**
   * Returns what is known, without waiting: {@code false} also while nothing is known yet. Where
   * nothing is known, or no longer, it is asked in the background.
   */
  protected final boolean intelligenceKnown() {
    return current().answer.getNow(false);
  }

  /**
   * Returns whether there is intelligence; waits for the answer, if none is remembered, for its
   * limit at most. An interrupt counts as no and is restored.
   */
  protected final boolean intelligenceAvailable() {
    try {
      return current().answer.get(answerLimit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  /** Completes with whether there is intelligence; never fails and never waits. */
  protected final CompletionStage<Boolean> askForIntelligence() {
    return current().answer.copy();
  }

  /**
   * Does something with intelligence, or without: completes with the outcome of the clever way
   * where there is intelligence and it succeeds, else with that of the plain way. Where the clever
   * way fails because nobody is there any more, that is remembered too.
   *
   * @param clever asks the intelligence, over the bus; must not block
   * @param plain does without; must not block for long
   */
  protected final <T> CompletionStage<T> withIntelligence(
      Supplier<? extends CompletionStage<T>> clever, Supplier<? extends T> plain) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    CompletionStage<Boolean> answer = current().answer;
    answer.whenComplete(
        (yes, impossible) -> {
          if (Boolean.TRUE.equals(yes)) {
            tryClever(clever, plain, outcome);
          } else {
            settle(outcome, plain);
          }
        });
    return outcome;
  }

  private <T> void tryClever(
      Supplier<? extends CompletionStage<T>> clever,
      Supplier<? extends T> plain,
      CompletableFuture<T> outcome) {
    CompletionStage<T> attempt;
    try {
      attempt = clever.get();
    } catch (RuntimeException e) {
      attempt = CompletableFuture.failedFuture(e);
    }
    attempt.whenComplete(
        (value, failure) -> {
          if (failure == null) {
            outcome.complete(value);
            return;
          }
          if (meansAway(failure)) {
            latest.set(Question.settledNo(context().clock().instant()));
          }
          settle(outcome, plain);
        });
  }

  private static <T> void settle(CompletableFuture<T> outcome, Supplier<? extends T> plain) {
    try {
      outcome.complete(plain.get());
    } catch (RuntimeException e) {
      outcome.completeExceptionally(e);
    }
  }

  private static boolean meansAway(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    ErrorCode code = cause instanceof WarehouseException warehouse ? warehouse.code() : null;
    return code instanceof StandardErrorCode standard && AWAY.contains(standard);
  }

  /** Returns the question whose answer holds now, or comes next. */
  private Question current() {
    Instant now = context().clock().instant();
    Question known = latest.get();
    while (known == null || known.outdated(now)) {
      Question next = new Question();
      if (latest.compareAndSet(known, next)) {
        put(next);
        return next;
      }
      known = latest.get();
    }
    return known;
  }

  private void put(Question question) {
    try {
      Future<?> watch =
          context()
              .executor()
              .schedule(() -> settle(question, false), answerLimit.toNanos(), TimeUnit.NANOSECONDS);
      CompletionStage<Boolean> answer = question.answer;
      answer.whenComplete((yes, impossible) -> watch.cancel(false));
      context().executor().execute(() -> send(question));
    } catch (RuntimeException e) {
      // The executor is full or the plugin stops: a reason to do without, not to fail.
      question.returned = true;
      settle(question, false);
    }
  }

  private void send(Question question) {
    CompletionStage<Reply> reply;
    try {
      reply =
          ask(
              Message.query(IntelligenceStatus.TOPIC, Payload.empty())
                  .timeout(answerLimit)
                  .build());
    } catch (RuntimeException e) {
      reply = CompletableFuture.failedFuture(e);
    }
    reply.whenComplete(
        (answer, failure) -> {
          boolean yes = failure == null && saysYes(answer);
          question.returned = true;
          settle(question, yes);
        });
  }

  private static boolean saysYes(Reply reply) {
    try {
      reply.content().ifPresent(Content::close);
      return reply.as(IntelligenceStatus.class).available();
    } catch (RuntimeException e) {
      return false;
    }
  }

  private void settle(Question question, boolean yes) {
    question.settle(yes, context().clock().instant());
  }

  /** One question and its answer; the first answer holds. Thread-safe. */
  private static final class Question {

    final CompletableFuture<Boolean> answer = new CompletableFuture<>();
    private final AtomicBoolean settled = new AtomicBoolean();
    private volatile @Nullable Instant answeredAt;

    /** Whether the bus is done with it; no other question is put before that. */
    volatile boolean returned;

    static Question settledNo(Instant at) {
      Question question = new Question();
      question.returned = true;
      question.settle(false, at);
      return question;
    }

    void settle(boolean yes, Instant at) {
      if (settled.compareAndSet(false, true)) {
        answeredAt = at;
        answer.complete(yes);
      }
    }

    boolean outdated(Instant now) {
      Instant at = answeredAt;
      boolean fresh = at == null || !now.isBefore(at) && now.isBefore(at.plus(MEMORY));
      return returned && !fresh;
    }
  }
}
