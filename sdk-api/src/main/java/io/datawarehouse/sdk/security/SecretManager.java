package io.datawarehouse.sdk.security;

import java.util.Optional;

/**
 * Finds secrets by name. Thread-safe; may read a file at each call, so that a replaced secret is
 * found without a restart.
 *
 * <p>Names are lower-case letters and digits in parts, joined by single {@code .} or {@code -}, up
 * to 200 characters. The kernel looks, in this order, into a directory with one file a secret
 * ({@code dw.secrets.dir}), into a keystore ({@code dw.secrets.keystore}) and into the environment;
 * the first that has the name answers. In the environment the name is written in upper case, {@code
 * .} as {@code _} and {@code -} as {@code __}.
 *
 * <p>A plugin sees its own secrets alone, by their names without {@code dw.plugin.ID.}.
 *
 * <p>An implementation MUST: (1) give each caller a {@link Secret} of its own; (2) show a secret in
 * no exception, log or {@code toString}; (3) keep no copy that outlives the call, as far as its
 * source allows. Strings of the environment are the exception: nobody can wipe them.
 *
 * @since 0.1
 */
public interface SecretManager {

  /**
   * Returns a secret, which the caller closes; empty where no source has it.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code INVALID_ARGUMENT} for a name that
   *     breaks the rule, {@code CONFIG_INVALID} where a source has it and cannot be read
   */
  Optional<Secret> find(String name);

  /**
   * Returns a secret that must be there; the caller closes it.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException as {@link #find}, and {@code NOT_FOUND}
   *     naming the secret
   */
  Secret require(String name);
}
