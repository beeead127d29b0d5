package io.datawarehouse.kernel.affinity;

import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.balance.Stickiness;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A provider at work: what it says of messages, and the keys that stay with a node because of it.
 * Thread-safe. A provider that fails costs its message nothing but the company: it is routed as one
 * that belongs to nothing, the failure is counted, and told once in a while.
 */
public final class Affinity {

  private static final System.Logger LOG = System.getLogger(Affinity.class.getName());
  private static final long TELL_NANOS = Duration.ofSeconds(10).toNanos();

  /** How much of a key counts; a message's own is no longer. */
  public static final int LONGEST_KEY = 1_200;

  private final AffinityProvider provider;
  private final String name;
  private final @Nullable PinTable pins;
  private final LongSupplier ticker;
  private final Metrics.Counter failures;
  private final Metrics.Counter moved;
  private final AtomicLong toldAt;
  private final AtomicLong untold = new AtomicLong();

  /** Makes one that remembers nothing yet. */
  Affinity(AffinityProvider provider, LongSupplier ticker, Metrics metrics) {
    this.provider = provider;
    this.name = provider.affinityName();
    this.pins =
        provider.stickiness() instanceof Stickiness.Pinned pinned
            ? new PinTable(pinned, ticker)
            : null;
    this.ticker = ticker;
    this.toldAt = new AtomicLong(ticker.getAsLong() - TELL_NANOS);
    Map<String, String> tags = Map.of("provider", name);
    failures =
        metrics.counter(
            "affinity.failures", "Messages of which a provider could not say what they are", tags);
    moved =
        metrics.counter(
            "affinity.moved", "Keys that got another node as theirs was not usable", tags);
    metrics.gauge(
        "affinity.pinned",
        "Keys that stay with a node",
        tags,
        () -> pins == null ? 0 : pins.size());
  }

  /** Returns whether that provider is the one at work here. */
  boolean isOf(AffinityProvider other) {
    return provider == other;
  }

  /** Returns the provider's name. */
  public String name() {
    return name;
  }

  /** Returns what a message belongs to; null where it belongs to nothing, or nobody can say. */
  public @Nullable String keyOf(Message message) {
    try {
      String key = provider.keyOf(message);
      if (key == null || key.isEmpty()) {
        return null;
      }
      return key.length() <= LONGEST_KEY ? key : key.substring(0, LONGEST_KEY);
    } catch (RuntimeException | LinkageError e) {
      failed(e.toString());
      return null;
    }
  }

  private void failed(String why) {
    failures.increment();
    long count = untold.incrementAndGet();
    long now = ticker.getAsLong();
    long told = toldAt.get();
    if (now - told >= TELL_NANOS && toldAt.compareAndSet(told, now)) {
      untold.addAndGet(-count);
      LOG.log(
          System.Logger.Level.WARNING,
          "affinity {0} could not say what {1} messages belong to, they went as if to nothing; the"
              + " last time: {2}",
          name,
          count,
          why);
    }
  }

  /** Returns which node keeps which key; null where the hash decides each time. */
  public @Nullable PinTable pins() {
    return pins;
  }

  /** Moves a key to another node, unless somebody else has moved it meanwhile. */
  public void move(String key, NodeId from, NodeId to) {
    if (pins != null && pins.move(key, from, to)) {
      moved.increment();
    }
  }

  /** Returns how long a node has kept a key. */
  Duration age(PinTable.Pin pin) {
    return Duration.ofNanos(ticker.getAsLong() - pin.sinceNanos());
  }

  void sweep() {
    if (pins != null) {
      pins.sweep();
    }
  }
}
