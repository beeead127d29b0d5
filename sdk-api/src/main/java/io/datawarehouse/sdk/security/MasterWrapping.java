package io.datawarehouse.sdk.security;

import io.datawarehouse.sdk.message.Bytes;
import java.util.Objects;

/**
 * Key material wrapped by a master key: it may lie anywhere. Immutable.
 *
 * @param masterKeyId which master key wrapped it
 * @param material the wrapped material, in a form that only its provider knows
 * @since 0.1
 */
public record MasterWrapping(String masterKeyId, Bytes material) {

  /** Checks that nothing is missing. */
  public MasterWrapping {
    MasterKey.requireId(masterKeyId);
    Objects.requireNonNull(material, "material");
  }
}
