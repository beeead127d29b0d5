package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;

/**
 * One way to settle what was written at the same time. Thread-safe. A bucket names its resolver;
 * without one, siblings are kept.
 *
 * <p>A resolver MUST: (1) decide the same on every node, whatever the order in which the siblings
 * became known: by the conflict and its content alone, never by the local clock, the local node or
 * chance; (2) merge so that resolving in several steps gives what resolving at once gives; (3)
 * choose only among the siblings that it was given; (4) change nothing: it is also asked for trial
 * runs.
 *
 * @since 0.1
 */
public interface ConflictResolver {

  /** The capability: all that are installed run, a bucket names its own. */
  CapabilityKey<ConflictResolver> CAPABILITY =
      CapabilityKey.of("conflict-resolution", ConflictResolver.class, Cardinality.MULTI);

  /** Returns the name by which buckets select it. */
  String strategyName();

  /**
   * Decides. May block while content is read; runs on a worker thread.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException where it cannot decide; then all siblings
   *     stay, and the conflict shows with the reason
   */
  Resolution resolve(Conflict conflict, SiblingContents contents);
}
