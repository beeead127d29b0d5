package io.datawarehouse.sdk.capability;

/** How many running plugins may provide one capability. */
public enum Cardinality {
  /** One; a second provider stops the boot. */
  SINGLE,
  /** Any number, all of them in use. */
  MULTI,
  /** Any number may be installed; configuration names the one that runs, the others stand by. */
  SELECTED
}
