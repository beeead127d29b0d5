package io.datawarehouse.plugin.fixtureone;

import io.datawarehouse.kernel.fixtureone.KernelThing;

/** A plugin that knows the kernel. */
public final class KnowsKernel {
  public final KernelThing other = new KernelThing();
}
