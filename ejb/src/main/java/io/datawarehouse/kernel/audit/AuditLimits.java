package io.datawarehouse.kernel.audit;

import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;

/**
 * How much an audit log keeps; whichever limit is reached first counts. Immutable.
 *
 * @param mostEntries how many entries, 1 to 10,000,000
 * @param mostBytes how many bytes of disk, 256 KiB to 16 GiB
 * @param keep for how long, at least a second
 * @param refusalsPerMinute how many refusals of an action are recorded a minute, 1 to 100,000; more
 *     are counted
 */
public record AuditLimits(int mostEntries, long mostBytes, Duration keep, int refusalsPerMinute) {

  /** The least room that an audit log needs. */
  public static final long LEAST_BYTES = 256L << 10;

  /** The most room that an audit log may have. */
  public static final long GREATEST_BYTES = 16L << 30;

  /** The most entries that an audit log may have. */
  public static final int GREATEST_ENTRIES = 10_000_000;

  /** The most refusals that may be recorded a minute. */
  public static final int GREATEST_REFUSALS = 100_000;

  private static final int PARTS = 8;
  private static final long LARGEST_PART = 4L << 20;

  /** Checks; the error names the field. */
  public AuditLimits {
    requireBetween("mostEntries", mostEntries, 1, GREATEST_ENTRIES);
    requireBetween("mostBytes", mostBytes, LEAST_BYTES, GREATEST_BYTES);
    requireBetween("refusalsPerMinute", refusalsPerMinute, 1, GREATEST_REFUSALS);
    if (keep.compareTo(Duration.ofSeconds(1)) < 0) {
      throw WarehouseException.invalid("keep", keep, "use at least a second");
    }
  }

  /** What is removed, is removed a part at a time. */
  long bytesOfPart() {
    return Math.min(LARGEST_PART, mostBytes / PARTS);
  }

  int entriesOfPart() {
    return Math.max(1, mostEntries / PARTS);
  }

  private static void requireBetween(String field, long value, long least, long most) {
    if (value < least || value > most) {
      throw WarehouseException.invalid(field, value, "use " + least + " to " + most);
    }
  }
}
