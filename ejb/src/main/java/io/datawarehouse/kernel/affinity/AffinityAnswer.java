package io.datawarehouse.kernel.affinity;

import io.datawarehouse.sdk.cluster.NodeId;
import java.time.Instant;
import java.util.Optional;

/**
 * What an affinity provider makes of one message. Immutable.
 *
 * @param provider the name of the provider that the topic's rule names
 * @param rule the pattern of that rule
 * @param key what the message belongs to; empty where it belongs to nothing
 * @param stickiness {@code by-hash} or {@code pinned}; empty where the provider does not run
 * @param pinned whether a node keeps the key now
 * @param node the node that keeps it
 * @param since since when, to a moment
 * @param because why, in words
 */
public record AffinityAnswer(
    String provider,
    String rule,
    Optional<String> key,
    Optional<String> stickiness,
    boolean pinned,
    Optional<NodeId> node,
    Optional<Instant> since,
    String because) {}
