package io.datawarehouse.kernel.federation;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Counts the messages that went to the least bad node because none was usable, and tells of them
 * every ten seconds at most. Thread-safe.
 */
final class LastResorts {

  private static final System.Logger LOG = System.getLogger(LastResorts.class.getName());
  private static final long TELL_NANOS = Duration.ofSeconds(10).toNanos();

  private final LongSupplier ticker;
  private final Metrics.Counter taken;
  private final AtomicLong toldAt;
  private final AtomicLong untold = new AtomicLong();

  LastResorts(LongSupplier ticker, Metrics metrics) {
    this.ticker = ticker;
    this.toldAt = new AtomicLong(ticker.getAsLong() - TELL_NANOS);
    this.taken =
        metrics.counter(
            "bus.balancing.least.bad",
            "Requests for which no node was usable, so that the least bad one was chosen",
            Map.of());
  }

  /**
   * A message goes to a node that is not usable.
   *
   * @param why what is wrong with that node; asked for when it is told
   */
  void took(Topic topic, NodeId node, Supplier<String> why) {
    taken.increment();
    long count = untold.incrementAndGet();
    long now = ticker.getAsLong();
    long told = toldAt.get();
    if (now - told >= TELL_NANOS && toldAt.compareAndSet(told, now)) {
      untold.addAndGet(-count);
      LOG.log(
          System.Logger.Level.WARNING,
          "no node was usable for {0} requests, they went to the least bad one; the last was on"
              + " {1}, to {2}: {3}",
          count,
          topic,
          node,
          why.get());
    }
  }
}
