package io.datawarehouse.sdk.fixtureone;

import io.datawarehouse.kernel.fixtureone.KernelThing;

/** A contract that knows Kernel. */
public final class SdkKnowsKernel {
  public final KernelThing other = new KernelThing();
}
