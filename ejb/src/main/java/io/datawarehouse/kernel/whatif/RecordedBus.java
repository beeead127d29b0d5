package io.datawarehouse.kernel.whatif;

import io.datawarehouse.kernel.bus.KernelBus;
import io.datawarehouse.kernel.bus.TopicStatus;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.message.EventSubscriber;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/**
 * The bus of a node, with a sample of its requests recorded; else it is as the one that it wraps.
 * Only what was answered is recorded, as only that tells how long an answer takes and who gave it.
 * Thread-safe.
 */
public final class RecordedBus implements KernelBus {

  private final KernelBus bus;
  private final LoadRecorder recorder;
  private final Predicate<Topic> unrouted;

  /**
   * Wraps a bus.
   *
   * @param unrouted topics of which nobody chooses the node
   */
  public RecordedBus(KernelBus bus, LoadRecorder recorder, Predicate<Topic> unrouted) {
    this.bus = bus;
    this.recorder = recorder;
    this.unrouted = unrouted;
  }

  @Override
  public MessageBus view(String owner) {
    MessageBus view = bus.view(owner);
    return recorder.enabled() ? new View(view) : view;
  }

  @Override
  public List<TopicStatus> topics() {
    return bus.topics();
  }

  @Override
  public CompletionStage<Void> redeliver(Message event, String subscriber) {
    return bus.redeliver(event, subscriber);
  }

  @Override
  public CompletionStage<Void> resend(Message command) {
    return bus.resend(command);
  }

  @Override
  public boolean evict(String owner, Duration limit) {
    return bus.evict(owner, limit);
  }

  @Override
  public boolean drain(Duration limit) {
    return bus.drain(limit);
  }

  private final class View implements MessageBus {

    private final MessageBus view;

    View(MessageBus view) {
      this.view = view;
    }

    @Override
    public CompletionStage<Reply> request(Message message) {
      int standsFor = recorder.draw();
      return standsFor == 0 || unrouted.test(message.topic())
          ? view.request(message)
          : recorded(message, standsFor);
    }

    private CompletionStage<Reply> recorded(Message message, int standsFor) {
      long begin = recorder.now();
      Optional<String> key = message.affinityKey();
      long hash = key.isEmpty() ? 0 : KeyHash.of(key.get());
      long bytes = message.content().isEmpty() ? 0 : message.content().get().length().orElse(0);
      CompletionStage<Reply> answer = view.request(message);
      answer.whenComplete(
          (reply, thrown) -> {
            if (reply != null && reply.handledBy().isPresent()) {
              recorder.take(
                  new LoadRecorder.Recorded(
                      begin,
                      key.isPresent(),
                      hash,
                      reply.handledBy().get(),
                      recorder.now() - begin,
                      bytes,
                      standsFor));
            }
          });
      // What is handed on is the stage itself, which its caller may complete or cancel.
      return answer;
    }

    @Override
    public void publish(Message event) {
      view.publish(event);
    }

    @Override
    public Registration handle(Topic topic, HandlerOptions options, MessageHandler handler) {
      return view.handle(topic, options, handler);
    }

    @Override
    public Registration subscribe(
        TopicPattern pattern, SubscriberOptions options, EventSubscriber subscriber) {
      return view.subscribe(pattern, options, subscriber);
    }
  }
}
