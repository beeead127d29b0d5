package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.storage.DurableFiles;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * That the log failed, why, and after which pause it is opened again: the first one, and twice as
 * long each time that it fails again, up to the longest. Thread-safe.
 */
final class LogFault {

  private final Pauses pauses;

  // All guarded by this.
  private @Nullable String cause;
  private boolean lasting;
  private int attempts;
  private long endedAt;

  /**
   * How long to wait before the log is opened again.
   *
   * @param first before the first attempt
   * @param most before any attempt; a log that worked for longer than that begins anew
   */
  record Pauses(Duration first, Duration most) {
    static final Pauses STANDARD = new Pauses(Duration.ofSeconds(1), Duration.ofMinutes(1));
  }

  LogFault(Pauses pauses) {
    this.pauses = pauses;
  }

  /**
   * Takes note of a failure.
   *
   * @param now by a clock that only goes forward, in nanoseconds
   * @return whether that is news: there was none, or this one is there to stay
   */
  synchronized boolean begin(IOException failure, long now) {
    boolean news = cause == null || failure instanceof LogDamage && !lasting;
    if (cause == null && attempts > 0 && now - endedAt > pauses.most().toNanos()) {
      attempts = 0;
    }
    if (news) {
      cause = DurableFiles.reason(failure);
      lasting = failure instanceof LogDamage;
    }
    return news;
  }

  /** Takes note that the log could not be opened again. */
  synchronized void again(Exception failure) {
    if (!lasting) {
      cause =
          failure instanceof IOException io ? DurableFiles.reason(io) : "" + failure.getMessage();
    }
  }

  /** Takes note that the log works again. */
  synchronized void end(long now) {
    cause = null;
    endedAt = now;
  }

  synchronized boolean isPresent() {
    return cause != null;
  }

  /** Returns whether it is there until the node is started again. */
  synchronized boolean lasts() {
    return lasting;
  }

  /** Returns how long to wait before the next attempt; empty where there is nothing to attempt. */
  synchronized Optional<Duration> nextPause() {
    if (cause == null || lasting) {
      return Optional.empty();
    }
    long doubled = pauses.first().toMillis() << Math.min(20, attempts++);
    return Optional.of(Duration.ofMillis(Math.min(doubled, pauses.most().toMillis())));
  }

  /** Returns what is wrong and what becomes of it, in words. */
  synchronized Optional<String> text() {
    return Optional.ofNullable(cause)
        .map(
            why ->
                "the coordinator's log failed: "
                    + why
                    + (lasting
                        ? "; the coordinator stops until the node is started again"
                        : "; it is opened again by itself"));
  }
}
