package com.example.greeter;

import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.plugin.Plugin;
import io.datawarehouse.sdk.plugin.PluginBase;
import io.datawarehouse.sdk.plugin.PluginManifest;

/**
 * Answers {@code greeter.greet} with a greeting for the name that it is sent, in the words of the
 * setting {@code dw.plugin.greeter.words}.
 */
@Plugin
public class GreeterPlugin extends PluginBase {

  private static final Topic GREET = Topic.of("greeter.greet");

  /** What is asked. Who sends it may have a type of its own, of the same shape. */
  public record Person(String name) {}

  /** What is answered. */
  public record Greeting(String text) {}

  /** Says who it is. */
  public GreeterPlugin() {
    super(PluginManifest.of("greeter", "Greeter", "1.4.0", "example"));
  }

  @Override
  protected void onStart() {
    context().bus().handle(GREET, HandlerOptions.direct(), MessageHandler.sync(this::greet));
  }

  private Reply greet(Message message) {
    String words = context().config().text("words", "Hello");
    return Reply.of(new Greeting(words + ", " + message.payload().as(Person.class).name() + "!"));
  }
}
