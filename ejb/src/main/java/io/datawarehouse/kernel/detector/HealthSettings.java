package io.datawarehouse.kernel.detector;

import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;

/**
 * How nodes are judged. Immutable.
 *
 * @param heartbeat how often a living node says so, 50 ms to 10 s
 * @param silence the silence after which a node gets no requests, whatever its intervals were
 *     before; more than two heartbeats
 * @param offline the silence after which a node counts as not reachable; more than {@code silence}
 * @param suspicion from which suspicion on a node gets no requests, 1 to 16
 * @param brakeShare the share of all nodes, the one that judges among them, that may look dead at
 *     once before it is doubted, 0.01 to 1
 * @param slow from which mean time of an answer on a node is used less, 1 ms to 10 min
 * @param overload from which percentage of processors, memory or disk on a node is used less, 50 to
 *     100
 */
public record HealthSettings(
    Duration heartbeat,
    Duration silence,
    Duration offline,
    double suspicion,
    double brakeShare,
    Duration slow,
    double overload) {

  private static final int COUNTED_INTERVALS = 100;
  private static final Duration SHORTEST_HEARTBEAT = Duration.ofMillis(50);
  private static final Duration LONGEST_HEARTBEAT = Duration.ofSeconds(10);
  private static final Duration LONGEST = Duration.ofMinutes(10);

  /** Checks; the error names the field. */
  public HealthSettings {
    requireBetween("heartbeat", heartbeat, SHORTEST_HEARTBEAT, LONGEST_HEARTBEAT);
    requireBetween("silence", silence, heartbeat.multipliedBy(2).plusMillis(1), LONGEST);
    requireBetween("offline", offline, silence.plusMillis(1), LONGEST);
    requireBetween("suspicion", suspicion, 1, 16);
    requireBetween("brakeShare", brakeShare, 0.01, 1);
    requireBetween("slow", slow, Duration.ofMillis(1), LONGEST);
    requireBetween("overload", overload, 50, 100);
  }

  /** Returns what is usual: a frozen node gets no requests after at most 2.2 seconds. */
  public static HealthSettings standard() {
    return with(Duration.ofMillis(500), 0.5);
  }

  /** Returns what is usual in proportion to that heartbeat. */
  public static HealthSettings with(Duration heartbeat, double brakeShare) {
    return new HealthSettings(
        heartbeat,
        heartbeat.multipliedBy(22).dividedBy(5),
        heartbeat.multipliedBy(10),
        8,
        brakeShare,
        Duration.ofSeconds(2),
        98);
  }

  /** How the intervals of heartbeats are judged: in proportion to how often they should come. */
  PhiAccrualDetector.Options detector() {
    return new PhiAccrualDetector.Options(
        COUNTED_INTERVALS,
        heartbeat,
        heartbeat.dividedBy(5),
        heartbeat.multipliedBy(8).dividedBy(5),
        silence);
  }

  private static void requireBetween(String field, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw WarehouseException.invalid(field, value, "use " + least + " to " + most);
    }
  }

  private static void requireBetween(String field, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw WarehouseException.invalid(field, value, "use " + least + " to " + most);
    }
  }
}
