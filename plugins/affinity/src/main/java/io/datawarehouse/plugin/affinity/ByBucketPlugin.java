package io.datawarehouse.plugin.affinity;

import io.datawarehouse.sdk.plugin.Plugin;

/** The provider {@link ByBucket}. */
@Plugin
public class ByBucketPlugin extends PureAffinityPlugin {

  /** Makes the plugin. */
  public ByBucketPlugin() {
    super("By bucket", new ByBucket());
  }
}
