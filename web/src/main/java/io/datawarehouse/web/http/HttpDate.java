package io.datawarehouse.web.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Dates as in RFC 9110, section 5.6.7: one form is written, three are read. */
public final class HttpDate {

  private static final DateTimeFormatter FIXED =
      DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  private static final DateTimeFormatter WITH_DAY_NAME =
      new DateTimeFormatterBuilder()
          .appendPattern("EEEE, dd-MMM-")
          .appendValueReduced(ChronoField.YEAR, 2, 2, 1970)
          .appendPattern(" HH:mm:ss 'GMT'")
          .toFormatter(Locale.US)
          .withZone(ZoneOffset.UTC);

  private static final DateTimeFormatter OF_C =
      DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.US).withZone(ZoneOffset.UTC);

  private static final List<DateTimeFormatter> FORMS = List.of(FIXED, WITH_DAY_NAME, OF_C);

  private HttpDate() {}

  /** Returns the header's form of a time; its part of a second is dropped. */
  public static String format(Instant time) {
    return FIXED.format(time);
  }

  /** Reads a date; empty where it is none, which makes a condition void. */
  public static Optional<Instant> parse(String value) {
    for (DateTimeFormatter form : FORMS) {
      try {
        return Optional.of(form.parse(value, Instant::from));
      } catch (DateTimeException e) {
        // Not of this form; the next may fit.
      }
    }
    return Optional.empty();
  }
}
