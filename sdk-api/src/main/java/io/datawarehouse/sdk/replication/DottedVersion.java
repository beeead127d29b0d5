package io.datawarehouse.sdk.replication;

import java.util.Objects;

/**
 * A version of a blob: the write that made it, and what that write had seen. Kept apart, so that
 * writers that do not know of each other make two siblings and not ever more of them. Immutable.
 *
 * @param dot the write
 * @param past what it had seen; does not cover the dot
 * @since 0.1
 */
public record DottedVersion(Dot dot, VersionVector past) {

  /** Checks. */
  public DottedVersion {
    Objects.requireNonNull(dot, "dot");
    Objects.requireNonNull(past, "past");
    if (past.covers(dot)) {
      throw new IllegalArgumentException("the past of " + dot + " covers it");
    }
  }

  /** Returns how this version stands to another. */
  public Causality compare(DottedVersion other) {
    if (dot.equals(other.dot)) {
      return Causality.EQUAL;
    }
    if (past.covers(other.dot)) {
      return Causality.AFTER;
    }
    return other.past.covers(dot) ? Causality.BEFORE : Causality.CONCURRENT;
  }

  /** Returns all that somebody has seen who has seen this version. */
  public VersionVector seen() {
    return past.with(dot);
  }
}
