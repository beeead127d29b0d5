package io.datawarehouse.kernel.cluster.infinispan;

import java.util.Optional;

/**
 * A record and when it was written: in which run of its node, and as the how manieth of that run.
 * Immutable.
 *
 * @param incarnation the run
 * @param counter grows with every record of the run, 1 or more
 * @param text the record
 */
record VersionedRecord(long incarnation, long counter, String text) {

  /** Returns whether this was written after another. */
  boolean newerThan(VersionedRecord other) {
    return incarnation != other.incarnation
        ? incarnation > other.incarnation
        : counter > other.counter;
  }

  /** Returns whether this stands for the same writing as another. */
  boolean sameVersion(VersionedRecord other) {
    return incarnation == other.incarnation && counter == other.counter;
  }

  /** Returns the version in words. */
  String version() {
    return incarnation + ":" + counter;
  }

  /** Returns the form that stands in the cache. */
  String encode() {
    return version() + "\n" + text;
  }

  /** Reads that form; empty if it is not one. */
  static Optional<VersionedRecord> decode(String encoded) {
    int end = encoded.indexOf('\n');
    int colon = encoded.indexOf(':');
    if (colon < 0 || end < colon) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new VersionedRecord(
              Long.parseLong(encoded, 0, colon, 10),
              Long.parseLong(encoded, colon + 1, end, 10),
              encoded.substring(end + 1)));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
