package io.datawarehouse.sdk.kernel;

/** Whether the kernel works alone. */
public enum OperatingMode {
  /** One node, nothing of a cluster is loaded. */
  STANDALONE,
  /** A member of a cluster. */
  CLUSTERED
}
