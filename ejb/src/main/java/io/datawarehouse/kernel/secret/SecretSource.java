package io.datawarehouse.kernel.secret;

import io.datawarehouse.sdk.security.Secret;
import java.util.Optional;

/** One place where secrets are. Thread-safe. */
interface SecretSource {

  /**
   * Returns the secret of a name that follows the rule.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code CONFIG_INVALID} where it is there
   *     and cannot be read
   */
  Optional<Secret> find(String name);
}
