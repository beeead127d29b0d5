package io.datawarehouse.sdk.cluster;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Judges how healthy the nodes are, from what is heard of them. Thread-safe.
 *
 * <p>An implementation MUST: (1) answer from memory, without waiting; {@link #health} also without
 * allocating, as it is asked for every message; (2) take its time from an injected clock; (3) judge
 * a node of which nothing fresh is known UNKNOWN, never HEALTHY; (4) use a node that comes back
 * again without a restart; (5) pull the brake when more than a set share of the nodes looks dead at
 * once: then none is judged OFFLINE for that alone, and {@link #brake()} says so; (6) tell
 * listeners from one thread at a time, and survive those that throw.
 *
 * @since 0.1
 */
public interface NodeHealthMonitor {

  /** The capability: {@code dw.cluster.health.provider} names the one that runs. */
  CapabilityKey<NodeHealthMonitor> CAPABILITY =
      CapabilityKey.of("cluster.health", NodeHealthMonitor.class, Cardinality.SELECTED);

  /** Returns how healthy a node is; UNKNOWN for a node that is not known. */
  NodeHealth health(NodeId node);

  /** Returns the judgement on a node with its reasons; empty for a node that is not known. */
  Optional<HealthReport> report(NodeId node);

  /** Returns the judgements on all known nodes, this one included, sorted by identity. */
  List<HealthReport> reports();

  /** Returns why no node is removed automatically at the moment; empty when nothing is wrong. */
  Optional<String> brake();

  /** Tells the listener of every changed judgement from now on. It must be quick. */
  Watch watch(Consumer<HealthReport> listener);

  /**
   * Where the transport hands in what it sees: held by the kernel alone, never handed to a plugin.
   * Thread-safe; called for every message, so it must not block or allocate more than it keeps.
   *
   * @since 0.1
   */
  @FunctionalInterface
  interface Feed {
    /** Takes one piece of evidence on a node. One that is not known is ignored. */
    void accept(NodeId node, HealthEvidence evidence);
  }
}
