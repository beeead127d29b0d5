package io.datawarehouse.plugin.echo;

import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.plugin.Plugin;
import io.datawarehouse.sdk.plugin.PluginBase;
import io.datawarehouse.sdk.plugin.PluginManifest;

/**
 * Answers every message on {@code echo.ping} with what it got: for checks, for benchmarks, and as
 * the pattern for plugins.
 *
 * <p>What makes it a plugin: the stereotype {@link Plugin}, by which the kernel finds it as a CDI
 * bean (the module holds a {@code META-INF/beans.xml}); the contract, here through {@link
 * PluginBase}; and a manifest. Like every such bean it is not final and has a constructor without
 * parameters. It knows {@code sdk-api} and nothing else.
 */
@Plugin
public class EchoPlugin extends PluginBase {

  /** Where it listens. A plugin's topics begin with its id, so that no two plugins collide. */
  public static final Topic PING = Topic.of("echo.ping");

  /**
   * Says who it is, and does nothing else: what has an effect belongs into {@link #onStart()}.
   *
   * <p>A plugin that needs another one, or provides something to the kernel, says so here, with
   * {@code requiring} and {@code providing}. This one needs nobody, and the node can do without it.
   */
  public EchoPlugin() {
    super(PluginManifest.of("echo", "Echo", "0.1.0", "example"));
  }

  /**
   * Puts the handler on the bus. All that a plugin may use comes from {@code context()}: the bus,
   * its configuration, its storage, the clock, threads, a logger.
   *
   * <p>Nothing has to be undone: the kernel takes the handler off the bus and waits for what it is
   * working on before it stops the plugin. A plugin that opens something else closes it in {@code
   * onStop}.
   */
  @Override
  protected void onStart() {
    // Answering takes no time and needs no order, so it happens on the sender's thread. Work that
    // may take long is left to the bus's threads: HandlerOptions.defaults().
    context().bus().handle(PING, HandlerOptions.direct(), MessageHandler.sync(EchoPlugin::echo));
  }

  /**
   * Gives the payload back, and the content beside the message where there is one. Content is a
   * stream: it is passed on, not read; who gets the reply closes it.
   */
  private static Reply echo(Message message) {
    return message
        .content()
        .map(content -> Reply.of(message.payload(), content))
        .orElseGet(() -> Reply.of(message.payload()));
  }
}
