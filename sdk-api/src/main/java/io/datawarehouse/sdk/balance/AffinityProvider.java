package io.datawarehouse.sdk.balance;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import io.datawarehouse.sdk.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * Says what keeps messages together: a blob's key, a session, a bucket, a tag. Thread-safe.
 *
 * <p>The kernel asks, for commands and queries that have no affinity key of their own, the provider
 * that the settings name for their topic. A provider that throws has its message routed as if it
 * belonged to nothing; that is counted. Of a key the first 1200 characters count.
 *
 * <p>A provider MUST: (1) give the same key for messages that belong together, on all nodes; (2) be
 * quick and allocate little, as it is asked for every message; it never reads the message's
 * content; (3) not change the order of messages: that follows the message's own affinity key.
 *
 * @since 0.1
 */
public interface AffinityProvider {

  /** The capability: all that are installed run, a topic's settings name the one in force. */
  CapabilityKey<AffinityProvider> CAPABILITY =
      CapabilityKey.of("affinity", AffinityProvider.class, Cardinality.MULTI);

  /** Returns the name by which settings select it. */
  String affinityName();

  /** Returns what a message belongs to, not empty; null where it belongs to nothing. */
  @Nullable String keyOf(Message message);

  /** Returns how a key stays with its node; always equal once the plugin has started. */
  Stickiness stickiness();
}
