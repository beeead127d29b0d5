package io.datawarehouse.kernel.plugin;

import io.datawarehouse.sdk.kernel.KernelContext;
import io.datawarehouse.sdk.plugin.PluginId;
import io.datawarehouse.sdk.plugin.PluginManifest;

/** Makes what surrounds a plugin while it runs, and takes it back. Called from one thread. */
public interface PluginEnvironment {

  /** Makes the context of a plugin that is about to start. */
  KernelContext open(PluginManifest manifest);

  /** Takes the plugin's handlers and subscribers off the bus and waits for what they work on. */
  void quiesce(PluginId plugin);

  /** Interrupts what the plugin left running and ends its context. Nothing to do a second time. */
  void close(PluginId plugin);
}
