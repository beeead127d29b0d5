package io.datawarehouse.kernel.boot.cdi;

import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.plugin.IntelligenceAwarePluginBase;
import io.datawarehouse.sdk.plugin.Plugin;
import io.datawarehouse.sdk.plugin.PluginManifest;

/**
 * A plugin that the container finds by the stereotype alone, on the longest branch of the base
 * classes: the container must be able to put a proxy before all of them.
 */
@Plugin
public class GreeterBean extends IntelligenceAwarePluginBase {

  static final Topic GREET = Topic.of("greeter.greet");

  /** Makes it, and one more for the container's proxy. */
  public GreeterBean() {
    super(PluginManifest.of("greeter", "Greeter", "1", "test"));
  }

  @Override
  protected void onStart() {
    answer(
        GREET,
        message ->
            Reply.of(
                (intelligenceAvailable() ? "welcome back " : "hello ")
                    + message.payload().as(String.class)));
  }
}
