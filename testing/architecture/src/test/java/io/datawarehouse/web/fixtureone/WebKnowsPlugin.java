package io.datawarehouse.web.fixtureone;

import io.datawarehouse.plugin.fixturetwo.OtherPlugin;

/** A web class that knows a plugin. */
public final class WebKnowsPlugin {
  public final OtherPlugin other = new OtherPlugin();
}
