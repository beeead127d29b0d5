package io.datawarehouse.kernel.fixtureunmarked;

/** A class in a package that is not null marked. */
public final class Unmarked {}
