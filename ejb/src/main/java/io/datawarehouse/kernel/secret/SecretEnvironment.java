package io.datawarehouse.kernel.secret;

import io.datawarehouse.sdk.security.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** Secrets in environment variables, which nobody can wipe. Thread-safe. */
final class SecretEnvironment implements SecretSource {

  private final Map<String, String> variables;

  SecretEnvironment(Map<String, String> variables) {
    this.variables = Map.copyOf(variables);
  }

  @Override
  public Optional<Secret> find(String name) {
    return Optional.ofNullable(variables.get(SecretNames.inEnvironment(name)))
        .filter(value -> !value.isEmpty())
        .map(value -> Secret.of(value.getBytes(StandardCharsets.UTF_8)));
  }
}
