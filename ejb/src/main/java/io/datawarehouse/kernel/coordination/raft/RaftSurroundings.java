package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.jgroups.ClusterTransport;
import io.datawarehouse.sdk.metric.Metrics;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What a coordinator is given to work with. Immutable.
 *
 * @param security who may connect to its channel
 * @param peers where the channels of other nodes may be; asked again and again
 * @param threads makes its three threads, and those that shake hands with who connects
 * @param nanoTime a clock that only goes forward, like {@link System#nanoTime()}
 * @param groupIds makes random ids, never the same twice
 * @param metrics where it counts
 */
public record RaftSurroundings(
    ClusterTransport.Security security,
    Supplier<List<InetSocketAddress>> peers,
    ThreadFactory threads,
    LongSupplier nanoTime,
    Supplier<String> groupIds,
    Metrics metrics) {

  /** Checks that nothing is missing. */
  public RaftSurroundings {
    Objects.requireNonNull(security, "security");
    Objects.requireNonNull(peers, "peers");
    Objects.requireNonNull(threads, "threads");
    Objects.requireNonNull(nanoTime, "nanoTime");
    Objects.requireNonNull(groupIds, "groupIds");
    Objects.requireNonNull(metrics, "metrics");
  }
}
