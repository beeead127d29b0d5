package io.datawarehouse.kernel.fixtureone;

/** A class of the kernel. */
public final class KernelThing {}
