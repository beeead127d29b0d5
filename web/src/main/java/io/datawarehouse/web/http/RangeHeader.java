package io.datawarehouse.web.http;

import io.datawarehouse.sdk.blob.ByteRange;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** The {@code Range} header as in RFC 9110, section 14.2. */
public final class RangeHeader {

  private static final int MOST_DIGITS = 18;

  private RangeHeader() {}

  /**
   * Returns the one range of bytes that is asked for; empty where the header asks for several, or
   * in another unit: then the whole is sent, as the RFC allows.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT} where the header is malformed
   */
  public static Optional<ByteRange> parse(String value) {
    int equals = value.indexOf('=');
    if (equals < 1 || !isToken(value.substring(0, equals))) {
      throw malformed(value);
    }
    if (!value.substring(0, equals).toLowerCase(Locale.ROOT).equals("bytes")) {
      return Optional.empty();
    }
    String[] specs = value.substring(equals + 1).split(",", -1);
    ByteRange first = one(specs[0].strip(), value);
    for (int i = 1; i < specs.length; i++) {
      one(specs[i].strip(), value);
    }
    return specs.length == 1 ? Optional.of(first) : Optional.empty();
  }

  private static ByteRange one(String spec, String value) {
    int dash = spec.indexOf('-');
    if (dash < 0) {
      throw malformed(value);
    }
    OptionalLong first = number(spec.substring(0, dash), value);
    OptionalLong last = number(spec.substring(dash + 1), value);
    if (first.isEmpty() && last.isEmpty()
        || first.isPresent() && last.isPresent() && last.getAsLong() < first.getAsLong()) {
      throw malformed(value);
    }
    return new ByteRange(first, last);
  }

  /** A number too long to be a position is as good as the largest: no blob reaches it. */
  private static OptionalLong number(String digits, String value) {
    if (digits.isEmpty()) {
      return OptionalLong.empty();
    }
    int significant = 0;
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c < '0' || c > '9') {
        throw malformed(value);
      }
      significant += significant > 0 || c != '0' ? 1 : 0;
    }
    return OptionalLong.of(significant > MOST_DIGITS ? Long.MAX_VALUE : Long.parseLong(digits));
  }

  private static boolean isToken(String text) {
    return text.chars().allMatch(c -> c > ' ' && c < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0);
  }

  private static WarehouseException malformed(String value) {
    return WarehouseException.invalid(
        "Range", value, "use bytes=FIRST-LAST, bytes=FIRST- or bytes=-LENGTH");
  }
}
