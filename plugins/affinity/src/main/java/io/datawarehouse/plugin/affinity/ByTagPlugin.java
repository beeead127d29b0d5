package io.datawarehouse.plugin.affinity;

import io.datawarehouse.sdk.plugin.Plugin;

/** The provider {@link ByTag}; {@code name} says which tag. */
@Plugin
public class ByTagPlugin extends PureAffinityPlugin {

  /** Makes the plugin; the setting is read when it is started. */
  public ByTagPlugin() {
    super("By tag", new ByTag(ByTag.USUAL_TAG));
  }

  @Override
  protected void onStart() {
    become(new ByTag(nameSetting("name", ByTag.USUAL_TAG)));
  }
}
