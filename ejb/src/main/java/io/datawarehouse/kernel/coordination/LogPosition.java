package io.datawarehouse.kernel.coordination;

/**
 * A place in the replicated log. Immutable.
 *
 * @param index counts from 1; 0 is before the first entry
 * @param term in which term the entry there was written
 */
public record LogPosition(long index, long term) {

  /** Before the first entry. */
  public static final LogPosition START = new LogPosition(0, 0);
}
