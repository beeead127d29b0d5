package io.datawarehouse.kernel.boot;

import io.datawarehouse.kernel.capability.RunningCapabilities;
import io.datawarehouse.kernel.keys.KeySource;
import io.datawarehouse.kernel.keys.Keyring;
import io.datawarehouse.kernel.keys.KeystoreKeyProvider;
import io.datawarehouse.kernel.keys.ListedKeyProvider;
import io.datawarehouse.kernel.secret.NodeSecrets;
import io.datawarehouse.kernel.secret.PrivateFile;
import io.datawarehouse.kernel.storage.DurableFiles;
import io.datawarehouse.kernel.storage.FileKernelStorage;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.metric.Metrics;
import io.datawarehouse.sdk.security.KeyProvider;
import io.datawarehouse.sdk.security.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Puts together the keys of a node. A master key that is missing or wrong stops the boot; a new one
 * is made only where nothing is wrapped by another. Used once, by one thread.
 */
final class KeyAssembly {

  private static final System.Logger LOG = System.getLogger(KeyAssembly.class.getName());
  private static final String PASSWORD = "dw.keys.keystore.password";
  private static final int PASSWORD_BYTES = 32;

  private final KernelOptions options;
  private final KeySettings settings;
  private final Path directory;
  private final NodeSecrets secrets;
  private final SecureRandom random;
  private final ShutdownSteps steps;

  KeyAssembly(
      KernelOptions options,
      KeySettings settings,
      Path directory,
      NodeSecrets secrets,
      SecureRandom random,
      ShutdownSteps steps) {
    this.options = options;
    this.settings = settings;
    this.directory = directory;
    this.secrets = secrets;
    this.random = random;
    this.steps = steps;
  }

  /** Opens the keys; those of a plugin can be used once it runs. */
  Keyring open(RunningCapabilities capabilities, Metrics metrics, Executor executor) {
    AtomicReference<KeyProvider> own = new AtomicReference<>();
    KeySource source =
        new KeySource(
            settings.provider(),
            () ->
                settings.isBuiltIn()
                    ? Optional.ofNullable(own.get())
                    : capabilities.find(KeyProvider.CAPABILITY),
            options.clock(),
            executor);
    Keyring keyring =
        new Keyring(
            new Keyring.Options(
                source,
                FileKernelStorage.openWiping(directory.resolve("kernel").resolve("kernel.keys")),
                options.clock(),
                random,
                metrics,
                settings.cachedKeys()));
    steps.add("wiping the keys", keyring::close);
    if (settings.isBuiltIn()) {
      own.set(openProvider(keyring.inUse()));
      List<String> problems = keyring.verify();
      if (!problems.isEmpty()) {
        throw failure(
            "the master keys of dw.keys.provider '%s' do not fit what is encrypted: %s"
                .formatted(settings.provider(), String.join("; ", problems)));
      }
    }
    return keyring;
  }

  /** Looks after the keys once all plugins run; what is wrong then is said, and the node serves. */
  static void settle(Keyring keyring) {
    List<String> problems = keyring.verify();
    for (String problem : problems) {
      LOG.log(System.Logger.Level.WARNING, "keys cannot be used: {0}", problem);
    }
    try {
      if (problems.isEmpty() && keyring.inUse()) {
        keyring.completeRotation();
      }
    } catch (WarehouseException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "a rotation of the master key is not complete; the next start, or rotation, goes on: {0}",
          e.detail());
    }
  }

  private KeyProvider openProvider(boolean inUse) {
    try {
      return switch (settings.provider()) {
        case KeySettings.ENVIRONMENT -> fromEnvironment();
        case KeySettings.FILE -> fromFile(settings.file().orElseThrow());
        default -> fromKeystore(inUse);
      };
    } catch (WarehouseException e) {
      throw failure(e.detail());
    }
  }

  private KeyProvider fromEnvironment() {
    String variable = settings.variable();
    String text = options.environment().get(variable);
    if (text == null || text.isBlank()) {
      throw failure(
          "dw.keys.provider is 'environment', but variable %s is not set".formatted(variable));
    }
    return listed(text.getBytes(StandardCharsets.UTF_8), "environment variable " + variable);
  }

  private KeyProvider fromFile(Path file) {
    if (!Files.isRegularFile(file)) {
      throw failure("dw.keys.file is '%s', and there is no such file".formatted(file));
    }
    PrivateFile.requireOwnerWrites(file);
    return listed(PrivateFile.readLine(file), "file '" + file + "'");
  }

  private KeyProvider listed(byte[] text, String source) {
    try {
      ListedKeyProvider provider = ListedKeyProvider.of(text, source, random);
      steps.add("wiping the master keys", provider::close);
      return provider;
    } finally {
      Arrays.fill(text, (byte) 0);
    }
  }

  private KeyProvider fromKeystore(boolean inUse) {
    Path file = settings.keystore();
    boolean present = Files.exists(file);
    if (!present && inUse) {
      throw failure(
          ("keystore '%s' is missing, and blobs are encrypted with its keys: put it back where it"
                  + " was, with its password; a new one could not read them")
              .formatted(file));
    }
    KeystoreKeyProvider provider =
        present
            ? KeystoreKeyProvider.open(file, this::password, random, options.clock())
            : KeystoreKeyProvider.make(file, this::newPassword, random, options.clock());
    steps.add("wiping the master keys", provider::close);
    return provider;
  }

  private Path passwordFile() {
    return directory.resolve("secrets").resolve("keystore.password");
  }

  private Secret password() {
    return secrets.find(PASSWORD).orElseGet(this::passwordOfFile);
  }

  private Secret passwordOfFile() {
    Path file = passwordFile();
    if (!Files.isRegularFile(file)) {
      throw failure(
          "keystore '%s' cannot be opened: there is neither a secret '%s' nor file '%s'"
              .formatted(settings.keystore(), PASSWORD, file));
    }
    PrivateFile.requireOwnersAlone(file);
    return Secret.of(PrivateFile.readLine(file));
  }

  private static void makeDirectory(Path secrets) {
    try {
      DurableFiles.createPrivateDirectories(secrets);
    } catch (IOException e) {
      throw failure("'" + secrets + "' cannot be made: " + DurableFiles.reason(e));
    }
  }

  /** Of a keystore that is being made: the password is on disk before it. */
  private Secret newPassword() {
    Path file = passwordFile();
    makeDirectory(file.resolveSibling(""));
    if (secrets.find(PASSWORD).map(KeyAssembly::wiped).isEmpty() && Files.notExists(file)) {
      byte[] bytes = new byte[PASSWORD_BYTES];
      random.nextBytes(bytes);
      byte[] text = Base64.getUrlEncoder().withoutPadding().encode(bytes);
      try {
        DurableFiles.replace(file, file.resolveSibling("." + file.getFileName() + ".tmp"), text);
      } catch (IOException e) {
        throw failure("'" + file + "' cannot be written: " + DurableFiles.reason(e));
      } finally {
        Arrays.fill(bytes, (byte) 0);
        Arrays.fill(text, (byte) 0);
      }
    }
    return password();
  }

  private static boolean wiped(Secret secret) {
    secret.close();
    return true;
  }

  private static WarehouseException failure(String message) {
    return new WarehouseException(StandardErrorCode.BOOT_FAILED, message);
  }
}
