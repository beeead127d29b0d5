package io.datawarehouse.kernel.fixtureone;

import io.datawarehouse.web.fixtureone.WebThing;

/** A kernel class that knows the web. */
public final class KnowsWeb {
  public final WebThing other = new WebThing();
}
