package io.datawarehouse.web.http;

import io.datawarehouse.sdk.blob.ByteRange;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the {@code Range} header (RFC 9110, section 14.2). */
public final class RangeHeader {

  private static final Pattern RANGES =
      Pattern.compile("(\\d*)[ \t]*-[ \t]*(\\d*)(?:[ \t]*,[ \t]*\\d*-\\d*)*", Pattern.DOTALL);
  private static final String BYTES = "bytes=";

  private RangeHeader() {}

  /**
   * Returns the one range that is asked for. Empty, which means the whole content, for another unit
   * and for several ranges: a server may ignore these.
   */
  public static Optional<ByteRange> parse(String value) {
    String text = value.strip();
    if (!text.regionMatches(true, 0, BYTES, 0, BYTES.length())) {
      if (text.indexOf('=') <= 0) {
        throw malformed(value);
      }
      return Optional.empty();
    }
    String set = text.substring(BYTES.length()).strip();
    Matcher match = RANGES.matcher(set);
    if (!match.matches() || match.group(1).isEmpty() && match.group(2).isEmpty()) {
      throw malformed(value);
    }
    if (set.indexOf(',') >= 0) {
      return Optional.empty();
    }
    OptionalLong first = number(value, match.group(1));
    OptionalLong last = number(value, match.group(2));
    if (first.isPresent() && last.isPresent() && last.getAsLong() < first.getAsLong()) {
      throw malformed(value);
    }
    return Optional.of(new ByteRange(first, last));
  }

  private static OptionalLong number(String value, String digits) {
    if (digits.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(digits));
    } catch (NumberFormatException e) {
      // More digits than any blob has bytes: as far as it goes.
      if (digits.length() < 100) {
        return OptionalLong.of(Long.MAX_VALUE);
      }
      throw malformed(value);
    }
  }

  private static WarehouseException malformed(String value) {
    return WarehouseException.invalid(
        "Range", value, "use bytes=FIRST-LAST, bytes=FIRST- or bytes=-LENGTH");
  }
}
