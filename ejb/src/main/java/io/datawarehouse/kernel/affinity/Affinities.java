package io.datawarehouse.kernel.affinity;

import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The providers at work on this node. Thread-safe. What they remember outlives routes and settings:
 * a key stays where it is while nodes come and go, and when a rule is taken back and set again.
 */
public final class Affinities {

  private static final System.Logger LOG = System.getLogger(Affinities.class.getName());
  private static final long SWEEP_NANOS = Duration.ofSeconds(1).toNanos();

  private final LongSupplier ticker;
  private final Metrics metrics;
  private final Map<String, Affinity> working = new ConcurrentHashMap<>();
  private final AtomicLong sweptAt;

  /** Makes a place where nobody works yet. */
  public Affinities(LongSupplier ticker, Metrics metrics) {
    this.ticker = ticker;
    this.metrics = metrics;
    this.sweptAt = new AtomicLong(ticker.getAsLong());
  }

  /** Returns the rule of a topic with its provider at work; empty where there is no rule. */
  public Optional<Assignment> assign(AffinityPolicy policy, Topic topic) {
    return policy
        .ruleFor(topic)
        .map(
            rule ->
                new Assignment(
                    rule,
                    policy
                        .provider(rule.provider())
                        .flatMap(provider -> of(rule.provider(), provider))));
  }

  private Optional<Affinity> of(String name, AffinityProvider provider) {
    try {
      return Optional.of(
          working.compute(
              name,
              (unused, standing) ->
                  standing != null && standing.isOf(provider)
                      ? standing
                      : new Affinity(provider, ticker, metrics)));
    } catch (RuntimeException | LinkageError e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "affinity {0} cannot say how keys stay with a node; its messages go as if to nothing: {1}",
          name,
          e.toString());
      return Optional.empty();
    }
  }

  /** Forgets, about once a second, what nobody used for too long; may be called more often. */
  public void tick() {
    long now = ticker.getAsLong();
    long swept = sweptAt.get();
    if (now - swept >= SWEEP_NANOS && sweptAt.compareAndSet(swept, now)) {
      working.values().forEach(Affinity::sweep);
    }
  }
}
