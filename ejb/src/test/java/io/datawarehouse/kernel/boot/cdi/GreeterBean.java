package io.datawarehouse.kernel.boot.cdi;

import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.plugin.Plugin;
import io.datawarehouse.sdk.plugin.PluginBase;
import io.datawarehouse.sdk.plugin.PluginManifest;

/** A plugin that the container finds by the stereotype alone. */
@Plugin
public class GreeterBean extends PluginBase {

  static final Topic GREET = Topic.of("greeter.greet");

  /** Makes it, and one more for the container's proxy. */
  public GreeterBean() {
    super(PluginManifest.of("greeter", "Greeter", "1", "test"));
  }

  @Override
  protected void onStart() {
    context()
        .bus()
        .handle(
            GREET,
            HandlerOptions.direct(),
            MessageHandler.sync(
                message -> Reply.of("hello " + message.payload().as(String.class))));
  }
}
