package io.datawarehouse.plugin.affinity;

import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.balance.Stickiness;
import io.datawarehouse.sdk.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * Messages about one blob belong together, and go to the node that owns the blob: their key is the
 * one under which the blob itself is placed. Immutable.
 */
public final class ByBlobKey implements AffinityProvider {

  /** The name by which rules select it. */
  public static final String NAME = "blob-key";

  private static final Stickiness BY_HASH = new Stickiness.ByHash();

  @Override
  public String affinityName() {
    return NAME;
  }

  @Override
  public @Nullable String keyOf(Message message) {
    return Subject.blob(message);
  }

  @Override
  public Stickiness stickiness() {
    return BY_HASH;
  }
}
