package io.datawarehouse.kernel.plugin;

import java.util.List;

/** The plugins of this kernel, for people and programs outside of it. Thread-safe. */
public interface PluginDirectory {

  /** Returns all plugins that were found, sorted by id. */
  List<PluginStatus> plugins();

  /** Returns all capabilities that a plugin provides, sorted by name. */
  List<CapabilityStatus> capabilities();
}
