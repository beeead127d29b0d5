package io.datawarehouse.testkit.plugin;

import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.plugin.IntelligenceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An intelligence plugin that comes and goes as a test wants. It answers the question for its
 * status as it is told to, and {@link #ASK} with the word {@code clever}. Thread-safe.
 */
public final class FakeIntelligence {

  /** Where it can be asked for something. */
  public static final Topic ASK = Topic.of("intelligence.ask");

  private final MessageBus bus;
  private final List<Registration> registrations = new ArrayList<>();
  private final AtomicInteger questions = new AtomicInteger();
  private volatile MessageHandler status = MessageHandler.sync(message -> yes());

  /** Makes one that has not come yet. */
  public FakeIntelligence(MessageBus bus) {
    this.bus = bus;
  }

  /** Comes. */
  public synchronized void come() {
    registrations.add(
        bus.handle(IntelligenceStatus.TOPIC, HandlerOptions.defaults(), this::answerStatus));
    registrations.add(
        bus.handle(
            ASK, HandlerOptions.defaults(), MessageHandler.sync(message -> Reply.of("clever"))));
  }

  /** Goes. */
  public synchronized void go() {
    registrations.forEach(Registration::close);
    registrations.clear();
  }

  /** Answers the question for its status in another way from now on. */
  public void answering(MessageHandler newStatus) {
    status = newStatus;
  }

  /** Returns how often it was asked for its status. */
  public int questions() {
    return questions.get();
  }

  /** Returns the answer of one that can be asked for something. */
  public static Reply yes() {
    return Reply.of(new IntelligenceStatus(true, List.of("classify")));
  }

  /** Returns the answer of one that cannot be asked for anything now. */
  public static Reply no() {
    return Reply.of(new IntelligenceStatus(false, List.of()));
  }

  private CompletableFuture<Reply> answerStatus(Message message) throws Exception {
    questions.incrementAndGet();
    return status.handle(message).toCompletableFuture();
  }
}
