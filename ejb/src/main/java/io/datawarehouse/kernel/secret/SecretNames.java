package io.datawarehouse.kernel.secret;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What secrets are called. No two names have the same name in the environment, so that no plugin
 * can reach another's secret by spelling its own differently.
 */
final class SecretNames {

  private static final int LONGEST = 200;
  private static final Pattern FORM = Pattern.compile("[a-z0-9]+([.-][a-z0-9]+)*");

  private SecretNames() {}

  static void require(String name) {
    if (name.length() > LONGEST || !FORM.matcher(name).matches()) {
      throw WarehouseException.invalid(
          "secret",
          name,
          "use lower-case letters and digits in parts joined by '.' or '-', up to 200 characters");
    }
  }

  /** Returns the name of the environment variable. */
  static String inEnvironment(String name) {
    return name.replace("-", "__").replace('.', '_').toUpperCase(Locale.ROOT);
  }
}
