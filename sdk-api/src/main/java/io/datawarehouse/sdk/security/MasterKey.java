package io.datawarehouse.sdk.security;

import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A master key as it may be shown: never the key itself. Immutable.
 *
 * @param id what it is called: 1 to 100 of {@code a-z}, {@code 0-9}, {@code -}, {@code _} and
 *     {@code .}, beginning with a letter or digit
 * @param current whether it wraps what is new; the others only unwrap
 * @param createdAt when it was made, where the provider knows
 * @since 0.1
 */
public record MasterKey(String id, boolean current, Optional<Instant> createdAt) {

  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,99}");

  /** Checks the id. */
  public MasterKey {
    requireId(id);
    Objects.requireNonNull(createdAt, "createdAt");
  }

  /** Throws {@code INVALID_ARGUMENT} unless the id follows the rule. */
  public static void requireId(String id) {
    if (!ID.matcher(id).matches()) {
      throw WarehouseException.invalid(
          "masterKeyId", id, "use 1 to 100 of a-z, 0-9, '-', '_' and '.'");
    }
  }
}
