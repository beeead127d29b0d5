package io.datawarehouse.plugin.fixtureone;

import io.datawarehouse.plugin.fixturetwo.OtherPlugin;

/** A plugin that calls another one. */
public final class KnowsOtherPlugin {
  public final OtherPlugin other = new OtherPlugin();
}
