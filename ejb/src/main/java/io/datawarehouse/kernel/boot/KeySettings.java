package io.datawarehouse.kernel.boot;

import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.security.KeyProvider;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The settings of keys and secrets. Immutable.
 *
 * @param provider who holds the master keys: one of the kernel's own ways, or a plugin's name
 * @param keystore the keystore of master keys
 * @param variable the environment variable that lists master keys
 * @param file the file that lists master keys, where that is said
 * @param cachedKeys how many bucket keys are kept in the open
 * @param secretDirectory where there is a file for each secret
 * @param secretKeystore the keystore of secrets
 */
record KeySettings(
    String provider,
    Path keystore,
    String variable,
    Optional<Path> file,
    int cachedKeys,
    Path secretDirectory,
    Path secretKeystore) {

  static final String PROVIDER = "dw.keys.provider";
  static final String KEYSTORE = "keystore";
  static final String ENVIRONMENT = "environment";
  static final String FILE = "file";

  private static final Set<String> BUILT_IN = Set.of(KEYSTORE, ENVIRONMENT, FILE);

  /**
   * Reads the settings.
   *
   * @param secrets the node's own directory of secrets
   */
  static KeySettings read(SettingsReader reader, Path secrets) {
    KeySettings settings =
        new KeySettings(
            reader.find(PROVIDER).orElse(KEYSTORE),
            path(reader, "dw.keys.keystore").orElse(secrets.resolve("keys.p12")),
            reader.find("dw.keys.variable").orElse("DW_KEYS_MASTER"),
            path(reader, "dw.keys.file"),
            reader.integer("dw.keys.cache", 256, 1, 100_000),
            path(reader, "dw.secrets.dir").orElse(secrets.resolve("config")),
            path(reader, "dw.secrets.keystore").orElse(secrets.resolve("secrets.p12")));
    if (settings.provider.equals(FILE) && settings.file.isEmpty()) {
      reader.problem(PROVIDER + " is 'file', so dw.keys.file must say which");
    }
    return settings;
  }

  private static Optional<Path> path(SettingsReader reader, String name) {
    return reader.find(name).map(Path::of).map(Path::toAbsolutePath);
  }

  /** Returns the ways to hold keys that need no plugin. */
  static Map<CapabilityName, Set<String>> builtIn() {
    return Map.of(KeyProvider.CAPABILITY.name(), BUILT_IN);
  }

  /** Returns whether the kernel itself holds the master keys. */
  boolean isBuiltIn() {
    return BUILT_IN.contains(provider);
  }
}
