package io.datawarehouse.kernel.fixtureone;

import io.datawarehouse.plugin.fixturetwo.OtherPlugin;

/** A kernel class that knows a plugin. */
public final class KnowsPlugin {
  public final OtherPlugin other = new OtherPlugin();
}
