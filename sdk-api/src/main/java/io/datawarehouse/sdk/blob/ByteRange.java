package io.datawarehouse.sdk.blob;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A part of a blob, as HTTP's {@code bytes} ranges say it: from {@code first} to {@code last}, both
 * counted from 0 and included; without {@code last} to the end; without {@code first} the last
 * {@code last} bytes. Immutable.
 *
 * @param first the first byte, or empty for a suffix
 * @param last the last byte, or the suffix's length
 */
public record ByteRange(OptionalLong first, OptionalLong last) {

  /**
   * Bytes that exist.
   *
   * @param offset the first byte
   * @param length how many, at least 1
   */
  public record Span(long offset, long length) {}

  /** Checks that the range says something. */
  public ByteRange {
    if (first.isEmpty() && last.isEmpty()) {
      throw WarehouseException.invalid("range", "-", "needs a first or a last byte");
    }
    if (first.isPresent() && first.getAsLong() < 0 || last.isPresent() && last.getAsLong() < 0) {
      throw WarehouseException.invalid("range", this, "must not be negative");
    }
    if (first.isPresent() && last.isPresent() && last.getAsLong() < first.getAsLong()) {
      throw WarehouseException.invalid(
          "range",
          first.getAsLong() + "-" + last.getAsLong(),
          "the last byte must not come before the first");
    }
  }

  /** Returns the bytes from {@code first} to {@code last}. */
  public static ByteRange of(long first, long last) {
    return new ByteRange(OptionalLong.of(first), OptionalLong.of(last));
  }

  /** Returns the bytes from {@code first} to the end. */
  public static ByteRange from(long first) {
    return new ByteRange(OptionalLong.of(first), OptionalLong.empty());
  }

  /** Returns the last {@code length} bytes. */
  public static ByteRange suffix(long length) {
    return new ByteRange(OptionalLong.empty(), OptionalLong.of(length));
  }

  /** Returns the bytes of a blob of that size; empty where none of them exists. */
  public Optional<Span> resolve(long size) {
    if (first.isEmpty()) {
      long length = Math.min(last.getAsLong(), size);
      return length == 0 ? Optional.empty() : Optional.of(new Span(size - length, length));
    }
    long start = first.getAsLong();
    if (start >= size) {
      return Optional.empty();
    }
    long end = Math.min(last.orElse(size - 1), size - 1);
    return Optional.of(new Span(start, end - start + 1));
  }
}
