package io.datawarehouse.kernel.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.testkit.kernel.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AuditLogTest {

  /** Held, as the platform forgets a logger that nobody holds. */
  private final Logger logger = Logger.getLogger(AuditLog.LOGGER);

  private final List<String> lines = new ArrayList<>();
  private final ManualClock clock = new ManualClock();
  private final AuditLog audit = new AuditLog(clock, new AuditLog.Options(4, 3));
  private final Handler handler =
      new Handler() {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord line) {
          lines.add(line.getLevel() + " " + formatter.formatMessage(line));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    logger.setLevel(Level.ALL);
  }

  @AfterEach
  void stopListening() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
    logger.setLevel(null);
  }

  @Test
  void whatIsToldIsLoggedAndKept() {
    audit.refused("tls", "/10.0.0.1:4711", "refused: its time has passed");
    audit.done("join-token", "kernel", "file", "a join token was made");

    assertThat(lines)
        .containsExactly(
            "WARNING tls: refused: its time has passed (from /10.0.0.1:4711)",
            "INFO join-token: file: a join token was made (from kernel)");
    assertThat(audit.recent()).hasSize(2);
  }

  @Test
  void theSameFromTheSameHostIsKeptOnceAndCounted() {
    audit.refused("tls", "10.0.0.1:1", "refused");
    clock.advance(Duration.ofSeconds(9));
    audit.refused("tls", "10.0.0.1:2", "refused");
    audit.refused("tls", "10.0.0.2:2", "refused");

    assertThat(audit.recent())
        .extracting(AuditLog.Entry::from, AuditLog.Entry::times)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("10.0.0.1:1", 2L),
            org.assertj.core.groups.Tuple.tuple("10.0.0.2:2", 1L));
    AuditLog.Entry twice =
        audit.recent().stream().filter(entry -> entry.times() == 2).findFirst().orElseThrow();
    assertThat(Duration.between(twice.first(), twice.last())).isEqualTo(Duration.ofSeconds(9));
  }

  @Test
  void aFloodFillsNeitherTheLogNorTheMemory() {
    audit.done("join-token", "kernel", "file", "a join token was made");
    for (int host = 0; host < 10_000; host++) {
      audit.refused("tls", "10.0." + host / 256 + "." + host % 256 + ":1", "refused");
    }
    audit.refused("join", "10.9.9.9:1", "refused");

    assertThat(lines).hasSize(5);
    assertThat(audit.recent()).hasSize(4);
    assertThat(audit.recent()).extracting(AuditLog.Entry::what).contains("join");
  }

  @Test
  void whatWasNotToldIsToldAsANumberLater() {
    for (int i = 0; i < 10; i++) {
      audit.refused("tls", "10.0.0.1:1", "refused");
    }
    clock.advance(Duration.ofMinutes(1));
    audit.refused("tls", "10.0.0.1:1", "refused");

    assertThat(lines).hasSize(4);
    assertThat(lines.get(3)).endsWith("; 7 more before it were not told");
    assertThat(audit.recent()).singleElement().extracting(AuditLog.Entry::times).isEqualTo(11L);
  }

  @Test
  void whoListensHearsWhatGetsALineAndNoMore() {
    List<String> heard = new ArrayList<>();
    AuditLog heardOf =
        new AuditLog(
            clock,
            new AuditLog.Options(4, 3),
            (refused, what, from, target, reason) ->
                heard.add(
                    String.join("|", refused ? "refused" : "done", what, from, target, reason)));

    heardOf.done("join-token", "kernel", "file", "a join token was made");
    for (int i = 0; i < 10; i++) {
      heardOf.refused("tls", "10.0.0.1:1", "its time\n has passed");
    }

    assertThat(heard)
        .containsExactly(
            "done|join-token|kernel|file|a join token was made",
            "refused|tls|10.0.0.1:1||its time? has passed",
            "refused|tls|10.0.0.1:1||its time? has passed",
            "refused|tls|10.0.0.1:1||its time? has passed");
  }

  @Test
  void textFromOutsideCannotPassForAnotherLineNorFillTheLog() {
    audit.refused("tls", "host\r\nINFO all is well\u202e\u0000", "x".repeat(5_000) + "{0}");

    assertThat(lines).singleElement().asString().doesNotContain("\n", "\r", "\u202e", "\u0000");
    assertThat(lines.get(0).length()).isLessThan(500);
  }
}
