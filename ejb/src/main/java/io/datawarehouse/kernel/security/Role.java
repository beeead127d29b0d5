package io.datawarehouse.kernel.security;

import java.util.Locale;

/** What a caller may do. Each role includes the ones before it. */
public enum Role {
  /** May read buckets, blobs and status. */
  READER,
  /** May also write and delete blobs, and make and remove buckets. */
  WRITER,
  /** May also send messages, and decide about dead letters and the cluster. */
  OPERATOR,
  /** May do all. */
  ADMIN;

  /** Returns whether this role may do what the other may. */
  public boolean includes(Role other) {
    return compareTo(other) >= 0;
  }

  /** Returns the role's name as it is written outside: lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
