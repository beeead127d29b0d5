package io.datawarehouse.kernel.scrub;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What an operator may know of the scrub and do with it. Thread-safe. */
public interface ScrubOffice {

  /** What the scrub is doing. */
  enum State {
    /** It reads. */
    RUNNING,
    /** It waits for the next round. */
    WAITING,
    /** It is turned off by the configuration. */
    OFF
  }

  /**
   * How things stand.
   *
   * @param state what it is doing
   * @param bytesPerSecond how much it reads at most
   * @param round the round that is under way, or was broken off and will go on
   * @param lastRound the last round that came to its end
   * @param nextRoundAt when the next round begins by itself, where it waits for that
   * @param damaged how much is known to be damaged
   */
  record Status(
      State state,
      long bytesPerSecond,
      Optional<Round> round,
      Optional<Round> lastRound,
      Optional<Instant> nextRoundAt,
      long damaged) {}

  /**
   * Some findings.
   *
   * @param findings by bucket, then key
   * @param next what to ask for to get those that follow; empty at the end
   */
  record Page(List<Finding> findings, Optional<String> next) {}

  /** Returns how things stand. */
  Status status();

  /**
   * Returns what is known to be damaged. What was written anew or deleted since is left out.
   *
   * @param after what an earlier page gave as its next
   * @param limit how many at most, more than 0
   */
  Page findings(Optional<String> after, int limit);

  /**
   * Begins a round now; does nothing where one is under way.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code SETTING_UNSUPPORTED} where the
   *     scrub is turned off
   */
  void begin();
}
