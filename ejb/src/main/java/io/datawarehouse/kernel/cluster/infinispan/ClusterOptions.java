package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.sdk.error.WarehouseException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Objects;

/**
 * How a node is a member. Immutable.
 *
 * @param bind the address of this machine that others reach; not a wildcard
 * @param firstPort the first port that is tried, 0 for any free one
 * @param ports how many ports are tried, 1 to 1000; the same for all nodes where addresses without
 *     ports are found
 * @param discovery how the others are found
 * @param security how connections are protected
 * @param threads the most threads that handle what others send, 4 to 200
 * @param timing how long things take
 */
public record ClusterOptions(
    InetAddress bind,
    int firstPort,
    int ports,
    Discovery discovery,
    TransportSecurity security,
    int threads,
    Timing timing) {

  /** The first port that is tried where nothing is set. */
  public static final int FIRST_PORT = 7800;

  /** How many ports are tried where nothing is set. */
  public static final int PORTS = 100;

  /** The most threads that handle what others send where nothing is set. */
  public static final int THREADS = 16;

  /** Checks; the error names the field. */
  public ClusterOptions {
    if (bind.isAnyLocalAddress() || bind.isMulticastAddress()) {
      throw WarehouseException.invalid("bind", bind, "use an address that other nodes reach");
    }
    requireWithin("firstPort", firstPort, 0, 65_535);
    requireWithin("ports", ports, 1, 1_000);
    if (firstPort == 0
        && (discovery instanceof Discovery.Addresses || discovery instanceof Discovery.Dns)) {
      throw WarehouseException.invalid(
          "firstPort", firstPort, "this way of discovery needs a port that others know");
    }
    Objects.requireNonNull(security, "security");
    requireWithin("threads", threads, 4, 200);
    Objects.requireNonNull(timing, "timing");
  }

  /** Returns options with the ports, threads and times that hold where nothing is set. */
  public static ClusterOptions of(
      InetAddress bind, Discovery discovery, TransportSecurity security) {
    return new ClusterOptions(
        bind, FIRST_PORT, PORTS, discovery, security, THREADS, Timing.standard());
  }

  private static void requireWithin(String field, int value, int least, int most) {
    if (value < least || value > most) {
      throw WarehouseException.invalid(field, value, "use " + least + " to " + most);
    }
  }

  /**
   * How long things take. Immutable.
   *
   * @param silence how long a member may be silent before the others leave it out of their view;
   *     one whose connections break is left out much sooner. 1 s to 5 min
   * @param verify how long a suspect has for an answer before it is left out, 50 ms to 10 s
   * @param search how long a node that starts waits for an answer of those whose addresses it finds
   *     before it founds a cluster, and for being let in; 200 ms to 30 s
   * @param merge how often a node looks for members of its cluster that it lost, at most; 500 ms to
   *     5 min
   * @param deadAfter how long a member that vanished is SUSPECT before it is DEAD, 1 s to 7 days
   * @param forgetAfter how long one that left or died is remembered, 1 min to 365 days
   * @param audit how often it is looked at whether all hold the same records, 200 ms to 10 min
   */
  public record Timing(
      Duration silence,
      Duration verify,
      Duration search,
      Duration merge,
      Duration deadAfter,
      Duration forgetAfter,
      Duration audit) {

    /** The shortest silence that can be set. */
    public static final Duration SHORTEST_SILENCE = Duration.ofSeconds(1);

    /** The longest silence that can be set. */
    public static final Duration LONGEST_SILENCE = Duration.ofMinutes(5);

    /** How soon a member can be DEAD. */
    public static final Duration SOONEST_DEAD = Duration.ofSeconds(1);

    /** How late a member can be DEAD. */
    public static final Duration LATEST_DEAD = Duration.ofDays(7);

    /** How soon one that is gone can be forgotten. */
    public static final Duration SHORTEST_MEMORY = Duration.ofMinutes(1);

    /** How late one that is gone can be forgotten. */
    public static final Duration LONGEST_MEMORY = Duration.ofDays(365);

    /** Checks; the error names the field. */
    public Timing {
      requireWithin("silence", silence, SHORTEST_SILENCE, LONGEST_SILENCE);
      requireWithin("verify", verify, Duration.ofMillis(50), Duration.ofSeconds(10));
      requireWithin("search", search, Duration.ofMillis(200), Duration.ofSeconds(30));
      requireWithin("merge", merge, Duration.ofMillis(500), Duration.ofMinutes(5));
      requireWithin("deadAfter", deadAfter, SOONEST_DEAD, LATEST_DEAD);
      requireWithin("forgetAfter", forgetAfter, SHORTEST_MEMORY, LONGEST_MEMORY);
      requireWithin("audit", audit, Duration.ofMillis(200), Duration.ofMinutes(10));
    }

    /** Returns the times that hold where nothing is set. */
    public static Timing standard() {
      return new Timing(
          Duration.ofSeconds(6),
          Duration.ofMillis(400),
          Duration.ofSeconds(3),
          Duration.ofSeconds(2),
          Duration.ofSeconds(30),
          Duration.ofHours(24),
          Duration.ofSeconds(5));
    }

    private static void requireWithin(String field, Duration value, Duration least, Duration most) {
      if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
        throw WarehouseException.invalid(field, value, "use " + least + " to " + most);
      }
    }
  }
}
