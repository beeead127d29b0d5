package io.datawarehouse.sdk.error;

/** Who can do something about an error. */
public enum ErrorCategory {
  /** The caller sent something that cannot be done; sending it again changes nothing. */
  USER,
  /** The warehouse itself is at fault. */
  INTERNAL,
  /** Something ran out: time, room in a queue, disk, quota. */
  RESOURCES,
  /** Something outside of this process failed: a disk, another node, a remote system. */
  EXTERNAL
}
