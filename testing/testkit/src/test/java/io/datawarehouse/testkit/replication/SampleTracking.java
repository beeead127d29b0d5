package io.datawarehouse.testkit.replication;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.replication.CausalDelivery;
import io.datawarehouse.sdk.replication.Dot;
import io.datawarehouse.sdk.replication.DottedVersion;
import io.datawarehouse.sdk.replication.EventualConsistency;
import io.datawarehouse.sdk.replication.VersionVector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Vector clocks and a list of those that wait. Thread-safe. */
class SampleTracking implements EventualConsistency {

  static final int MOST_WAITING = 40;

  private record Waiter(VersionVector context, CompletableFuture<Boolean> done) {}

  private final NodeId self;
  private VersionVector seen;
  private final Map<Dot, DottedVersion> waiting = new TreeMap<>();
  private final Map<NodeId, VersionVector> others = new HashMap<>();
  private final List<Waiter> waiters = new ArrayList<>();

  /** Makes the tracking of a node that has seen that, as its disk says. */
  SampleTracking(NodeId self, VersionVector seen) {
    this.self = self;
    this.seen = seen;
  }

  @Override
  public synchronized VersionVector seen() {
    return seen;
  }

  @Override
  public synchronized DottedVersion write(VersionVector context) {
    DottedVersion version = new DottedVersion(seen.next(self), past(context));
    deliver(version);
    return version;
  }

  /** Returns what a write has seen whose writer had seen that. */
  VersionVector past(VersionVector context) {
    return context;
  }

  private void deliver(DottedVersion version) {
    seen = seen.with(version.dot());
    waiters.removeIf(waiter -> seen.covers(waiter.context()) && waiter.done().complete(true));
  }

  @Override
  public synchronized CausalDelivery arrive(DottedVersion version) {
    if (seen.covers(version.dot()) || waiting.containsKey(version.dot())) {
      return new CausalDelivery.Duplicate(version.dot());
    }
    if (!missing(version).isEmpty() && waiting.size() >= mostWaiting()) {
      throw new WarehouseException(StandardErrorCode.BULKHEAD_FULL, "too many versions wait");
    }
    waiting.put(version.dot(), version);
    List<DottedVersion> ready = new ArrayList<>();
    for (Optional<DottedVersion> next = next(); next.isPresent(); next = next()) {
      waiting.remove(next.get().dot());
      deliver(next.get());
      ready.add(next.get());
    }
    return ready.isEmpty()
        ? new CausalDelivery.Waiting(missing(version))
        : new CausalDelivery.Delivered(ready);
  }

  int mostWaiting() {
    return MOST_WAITING;
  }

  private Optional<DottedVersion> next() {
    return waiting.values().stream().filter(version -> missing(version).isEmpty()).findFirst();
  }

  /** Returns what must arrive before a version can be used. */
  Set<Dot> missing(DottedVersion version) {
    Set<Dot> missing = new HashSet<>();
    Dot dot = version.dot();
    VersionVector causes = version.past();
    if (dot.counter() > 1) {
      causes = causes.with(new Dot(dot.node(), dot.counter() - 1));
    }
    causes
        .counters()
        .forEach(
            (node, counter) -> {
              if (seen.counter(node) < counter) {
                missing.add(new Dot(node, counter));
              }
            });
    return missing;
  }

  @Override
  public synchronized int waiting() {
    return waiting.size();
  }

  @Override
  public synchronized CompletionStage<Boolean> awaitSeen(VersionVector context, Duration limit) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    if (seen.covers(context)) {
      done.complete(true);
    } else {
      waiters.add(new Waiter(context, done));
    }
    return done.completeOnTimeout(false, limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public synchronized void seenBy(NodeId node, VersionVector nodeSeen) {
    others.merge(node, nodeSeen, VersionVector::merge);
  }

  @Override
  public synchronized Optional<VersionVector> stable(Set<NodeId> nodes) {
    VersionVector stable = seen;
    for (NodeId node : nodes) {
      if (!node.equals(self)) {
        VersionVector other = others.get(node);
        if (other == null) {
          return Optional.empty();
        }
        stable = stable.common(other);
      }
    }
    return Optional.of(stable);
  }
}
