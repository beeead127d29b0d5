package io.datawarehouse.testkit.kernel;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.security.Secret;
import io.datawarehouse.sdk.security.SecretManager;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Secrets that a test sets. Thread-safe. */
public final class MapSecrets implements SecretManager {

  private static final int LONGEST_NAME = 200;

  private final Map<String, String> values = new ConcurrentHashMap<>();

  /** Sets a secret. */
  public void put(String name, String value) {
    values.put(name, value);
  }

  @Override
  public Optional<Secret> find(String name) {
    if (name.length() > LONGEST_NAME || !name.matches("[a-z0-9]+([.-][a-z0-9]+)*")) {
      throw WarehouseException.invalid(
          "secret", name, "use lower-case letters and digits in parts joined by '.' or '-'");
    }
    return Optional.ofNullable(values.get(name))
        .map(value -> Secret.of(value.getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public Secret require(String name) {
    return find(name)
        .orElseThrow(
            () ->
                new WarehouseException(
                    StandardErrorCode.NOT_FOUND, "there is no secret '" + name + "'"));
  }
}
