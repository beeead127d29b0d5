package io.datawarehouse.micro;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** For how long a node says that it goes before it takes no more connections. */
final class Notice {

  static final String PROPERTY = "dw.shutdown.notice";

  private static final Duration DEFAULT = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofMinutes(1);
  private static final Pattern TEXT = Pattern.compile("(\\d{1,6})(ms|s|m)");

  private Notice() {}

  /**
   * Reads the system property {@code dw.shutdown.notice}, else the environment's {@code
   * DW_SHUTDOWN_NOTICE}, else takes the default: a number with {@code ms}, {@code s} or {@code m}.
   */
  static Duration from(Lookup systemProperties, Lookup environment) {
    String property = systemProperties.find(PROPERTY);
    String text = property == null ? environment.find("DW_SHUTDOWN_NOTICE") : property;
    if (text == null || text.isEmpty()) {
      return DEFAULT;
    }
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw bad(text);
    }
    long count = Long.parseLong(matcher.group(1));
    Duration notice =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(count);
          case "s" -> Duration.ofSeconds(count);
          default -> Duration.ofMinutes(count);
        };
    if (notice.compareTo(LONGEST) > 0) {
      throw bad(text);
    }
    return notice;
  }

  private static StartFailure bad(String text) {
    return new StartFailure(
        PROPERTY + " is '" + text + "': a time such as 500ms, 5s or 1m is needed, 1m at most");
  }
}
