package io.datawarehouse.plugin.affinity;

import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.balance.Stickiness;
import io.datawarehouse.sdk.message.Message;
import org.jspecify.annotations.Nullable;

/** Messages about one bucket, or about blobs in it, belong together. Immutable. */
public final class ByBucket implements AffinityProvider {

  /** The name by which rules select it. */
  public static final String NAME = "bucket";

  private static final Stickiness BY_HASH = new Stickiness.ByHash();

  @Override
  public String affinityName() {
    return NAME;
  }

  @Override
  public @Nullable String keyOf(Message message) {
    return Subject.bucket(message);
  }

  @Override
  public Stickiness stickiness() {
    return BY_HASH;
  }
}
