package io.datawarehouse.plugin.affinity;

import io.datawarehouse.sdk.plugin.Plugin;

/** The provider {@link ByBlobKey}. */
@Plugin
public class ByBlobKeyPlugin extends PureAffinityPlugin {

  /** Makes the plugin. */
  public ByBlobKeyPlugin() {
    super("By blob", new ByBlobKey());
  }
}
