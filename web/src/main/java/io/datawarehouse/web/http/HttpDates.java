package io.datawarehouse.web.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/** Reads and writes HTTP dates (RFC 9110, section 5.6.7). */
public final class HttpDates {

  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private HttpDates() {}

  /** Returns the header's value. */
  public static String format(Instant time) {
    return FORMAT.format(time);
  }

  /** Returns the time; empty for a malformed date, which a server ignores. */
  public static Optional<Instant> parse(String value) {
    try {
      return Optional.of(Instant.from(FORMAT.parse(value.strip())));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
