package io.datawarehouse.kernel.secret;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.security.Secret;
import io.datawarehouse.sdk.security.SecretManager;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All secrets of a node: of the directory, of the keystore, of the environment, in this order.
 * Thread-safe.
 */
public final class NodeSecrets implements SecretManager {

  /** The secret that opens the keystore of secrets; looked for everywhere but in there. */
  public static final String KEYSTORE_PASSWORD = "dw.secrets.keystore.password";

  private final List<SecretSource> sources;

  /**
   * Makes the secrets of a node.
   *
   * @param directory has a file for each secret; need not be there
   * @param keystore a PKCS#12 keystore; need not be there
   * @param environment the variables of the process
   */
  public NodeSecrets(Path directory, Path keystore, Map<String, String> environment) {
    SecretSource files = new SecretDirectory(directory);
    SecretSource variables = new SecretEnvironment(environment);
    SecretSource store =
        new SecretKeystore(
            keystore,
            () -> files.find(KEYSTORE_PASSWORD).or(() -> variables.find(KEYSTORE_PASSWORD)));
    this.sources = List.of(files, store, variables);
  }

  @Override
  public Optional<Secret> find(String name) {
    SecretNames.require(name);
    return sources.stream().flatMap(source -> source.find(name).stream()).findFirst();
  }

  @Override
  public Secret require(String name) {
    return find(name).orElseThrow(() -> missing(name));
  }

  /** Returns the secrets under a prefix ending in a dot, named without it. */
  public SecretManager scope(String prefix) {
    if (!prefix.endsWith(".")) {
      throw new IllegalArgumentException("a prefix ends in a dot: " + prefix);
    }
    return new Scoped(this, prefix);
  }

  private static WarehouseException missing(String name) {
    return new WarehouseException(
        StandardErrorCode.NOT_FOUND,
        "there is no secret '%s': not in dw.secrets.dir, not in dw.secrets.keystore, and %s is not set"
            .formatted(name, SecretNames.inEnvironment(name)));
  }

  @Override
  public String toString() {
    return "NodeSecrets";
  }

  /** The secrets of one plugin. Thread-safe. */
  private record Scoped(NodeSecrets all, String prefix) implements SecretManager {

    @Override
    public Optional<Secret> find(String name) {
      SecretNames.require(name);
      return all.find(prefix + name);
    }

    @Override
    public Secret require(String name) {
      SecretNames.require(name);
      return all.require(prefix + name);
    }
  }
}
