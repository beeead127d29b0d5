package io.datawarehouse.web.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Dates as in RFC 9110, section 5.6.7: one form is written, three are read. */
public final class HttpDate {

  private static final String DAYS = "MonTueWedThuFriSatSun";
  private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

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
    // Written by hand: this is done for every blob, and a formatter takes five times as long.
    LocalDateTime utc = LocalDateTime.ofEpochSecond(time.getEpochSecond(), 0, ZoneOffset.UTC);
    StringBuilder text = new StringBuilder(29);
    text.append(DAYS, 3 * (utc.getDayOfWeek().getValue() - 1), 3 * utc.getDayOfWeek().getValue());
    two(text.append(", "), utc.getDayOfMonth()).append(' ');
    text.append(MONTHS, 3 * (utc.getMonthValue() - 1), 3 * utc.getMonthValue()).append(' ');
    two(two(text, utc.getYear() / 100), utc.getYear() % 100);
    two(text.append(' '), utc.getHour());
    two(text.append(':'), utc.getMinute());
    two(text.append(':'), utc.getSecond());
    return text.append(" GMT").toString();
  }

  private static StringBuilder two(StringBuilder text, int number) {
    return text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
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
