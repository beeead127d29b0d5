package io.datawarehouse.sdk.plugin;

import io.datawarehouse.sdk.message.EventSubscriber;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import java.util.concurrent.CompletionStage;

/**
 * The root of plugins that bring something new, rather than one way out of several to do something
 * the kernel does: they answer, hear and ask over the bus. What they put on the bus is taken off by
 * the kernel when they stop. The protected methods may be called from any thread, from {@code
 * onStart} on; before that they throw {@code UNAVAILABLE}.
 *
 * @since 0.1
 */
public abstract class FeaturePluginBase extends PluginBase {

  /** Makes a plugin with that manifest. */
  protected FeaturePluginBase(PluginManifest manifest) {
    super(manifest);
  }

  /**
   * Answers the commands and queries of a topic by a function that may take its time: on worker
   * threads of the bus, in order per affinity key, with the {@linkplain HandlerOptions#defaults()
   * default limits}.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code DUPLICATE_HANDLER}, naming both
   */
  protected final void answer(Topic topic, MessageHandler.Synchronous function) {
    context().bus().handle(topic, HandlerOptions.defaults(), MessageHandler.sync(function));
  }

  /** Hears the events whose topics match, with the default limits of a subscriber. */
  protected final void hear(TopicPattern pattern, EventSubscriber subscriber) {
    context().bus().subscribe(pattern, SubscriberOptions.defaults(), subscriber);
  }

  /** Sends a command or a query; see {@link io.datawarehouse.sdk.message.MessageBus#request}. */
  protected final CompletionStage<Reply> ask(Message message) {
    return context().bus().request(message);
  }

  /** Publishes an event with an immutable value. */
  protected final void tell(Topic topic, Object value) {
    context().bus().publish(Message.event(topic, Payload.of(value)).build());
  }
}
