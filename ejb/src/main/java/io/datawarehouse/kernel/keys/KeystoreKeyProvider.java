package io.datawarehouse.kernel.keys;

import io.datawarehouse.kernel.secret.PrivateFile;
import io.datawarehouse.kernel.storage.DurableFiles;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.security.KeyProvider;
import io.datawarehouse.sdk.security.MasterKey;
import io.datawarehouse.sdk.security.MasterWrapping;
import io.datawarehouse.sdk.security.Secret;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;

/**
 * Master keys in a PKCS#12 keystore of the node's own. Thread-safe.
 *
 * <p>The number in a key's alias says its age: the greatest is current. The file is written whole
 * and forced to disk before a new key wraps anything. Aliases of another form are left alone.
 */
public final class KeystoreKeyProvider implements KeyProvider, AutoCloseable {

  private static final String TYPE = "PKCS12";
  private static final int MOST_FILE_BYTES = 16 << 20;
  private static final int RANDOM_ID_BYTES = 4;

  /** The word, the number, when it was made in milliseconds, something random. */
  private static final Pattern ALIAS = Pattern.compile("master-(\\d{1,9})-(\\d{1,15})-[0-9a-f]{8}");

  private final Path file;
  private final Supplier<Secret> password;
  private final SecureRandom random;
  private final Clock clock;
  private final MasterKeys keys;

  /** The number of the current key; guarded by this. */
  private int newest;

  private KeystoreKeyProvider(
      Path file, Supplier<Secret> password, SecureRandom random, Clock clock) {
    this.file = file;
    this.password = password;
    this.random = random;
    this.clock = clock;
    this.keys = new MasterKeys(random);
  }

  /**
   * Opens a keystore.
   *
   * @param password gives the keystore's password, a new holder each time
   * @throws WarehouseException {@code CONFIG_INVALID} where it cannot be opened
   */
  public static KeystoreKeyProvider open(
      Path file, Supplier<Secret> password, SecureRandom random, Clock clock) {
    KeystoreKeyProvider provider =
        new KeystoreKeyProvider(withoutLinks(file), password, random, clock);
    try {
      provider.load();
      return provider;
    } catch (RuntimeException e) {
      provider.close();
      throw e;
    }
  }

  /**
   * Makes a keystore with one key, where none is.
   *
   * @throws WarehouseException {@code CONFIG_INVALID} where it cannot be made
   */
  public static KeystoreKeyProvider make(
      Path file, Supplier<Secret> password, SecureRandom random, Clock clock) {
    if (Files.exists(file)) {
      throw new IllegalStateException("there is a keystore already: " + file);
    }
    KeystoreKeyProvider provider = new KeystoreKeyProvider(file, password, random, clock);
    provider.create();
    return provider;
  }

  /** A keystore that lies elsewhere is replaced there: the link to it is left alone. */
  private static Path withoutLinks(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      return file;
    }
  }

  private synchronized void load() {
    PrivateFile.requireOwnersAlone(file);
    try (Secret opening = password.get()) {
      char[] chars = opening.chars();
      KeyStore store = read(chars);
      for (String alias : aliases(store)) {
        keys.lead(describe(alias), materialOf(store, alias, chars));
        newest = numberOf(alias);
      }
    } catch (GeneralSecurityException e) {
      throw invalid("one of its keys cannot be opened");
    }
    if (newest == 0) {
      throw invalid("it holds no master key");
    }
  }

  /** All master keys, oldest first; two may have one number where keystores were put together. */
  private static List<String> aliases(KeyStore store) throws GeneralSecurityException {
    return Collections.list(store.aliases()).stream()
        .filter(alias -> ALIAS.matcher(alias).matches())
        .sorted(
            Comparator.comparingInt(KeystoreKeyProvider::numberOf)
                .thenComparing(alias -> describe(alias).createdAt().orElse(Instant.MIN))
                .thenComparing(Comparator.naturalOrder()))
        .toList();
  }

  private static int numberOf(String alias) {
    Matcher form = ALIAS.matcher(alias);
    return form.matches() ? Integer.parseInt(form.group(1)) : 0;
  }

  private byte[] materialOf(KeyStore store, String alias, char[] chars)
      throws GeneralSecurityException {
    Key key = store.getKey(alias, chars);
    byte[] material = key == null ? null : key.getEncoded();
    if (material == null || material.length != MasterKeys.LENGTH) {
      throw invalid("master key '" + alias + "' is not of 32 bytes");
    }
    return material;
  }

  private static MasterKey describe(String alias) {
    Matcher form = ALIAS.matcher(alias);
    if (!form.matches()) {
      throw new IllegalArgumentException("not the alias of a master key: " + alias);
    }
    return new MasterKey(
        alias, true, Optional.of(Instant.ofEpochMilli(Long.parseLong(form.group(2)))));
  }

  /** The cause stays away: what a keystore says of its content is not for logs. */
  private KeyStore read(char[] chars) throws GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(TYPE);
    byte[] content = PrivateFile.read(file, MOST_FILE_BYTES);
    try {
      store.load(new ByteArrayInputStream(content), chars);
      return store;
    } catch (IOException | RuntimeException e) {
      // Of some damage the platform's reader does not know that it is input that is wrong.
      throw invalid("it is damaged, or its password is another one");
    } finally {
      Arrays.fill(content, (byte) 0);
    }
  }

  @Override
  public List<MasterKey> masterKeys() {
    return keys.list();
  }

  @Override
  public MasterWrapping wrap(byte[] material, Bytes associatedData) {
    return keys.wrap(material, associatedData);
  }

  @Override
  public Optional<byte[]> unwrap(MasterWrapping wrapped, Bytes associatedData) {
    return keys.unwrap(wrapped, associatedData);
  }

  @Override
  public boolean createsKeys() {
    return true;
  }

  @Override
  public synchronized MasterKey create() {
    byte[] distinct = new byte[RANDOM_ID_BYTES];
    byte[] material = new byte[MasterKeys.LENGTH];
    random.nextBytes(distinct);
    random.nextBytes(material);
    String alias =
        "master-%d-%d-%s"
            .formatted(newest + 1, Math.max(0, clock.millis()), HexFormat.of().formatHex(distinct));
    try {
      write(alias, material);
    } catch (WarehouseException e) {
      Arrays.fill(material, (byte) 0);
      // Once it is in use it is no setting that is wrong, and its keys still work from memory.
      throw e.code() == StandardErrorCode.CONFIG_INVALID && newest > 0
          ? new WarehouseException(StandardErrorCode.STORAGE_FAILED, e.detail())
          : e;
    } catch (RuntimeException e) {
      Arrays.fill(material, (byte) 0);
      throw e;
    }
    newest++;
    MasterKey made = describe(alias);
    keys.lead(made, material);
    return made;
  }

  private void write(String alias, byte[] material) {
    try (Secret opening = password.get();
        ByteArrayOutputStream content = new ByteArrayOutputStream()) {
      char[] chars = opening.chars();
      KeyStore store = newest == 0 ? empty() : requireSame(read(chars));
      store.setEntry(
          alias,
          new KeyStore.SecretKeyEntry(new SecretKeySpec(material, "AES")),
          new KeyStore.PasswordProtection(chars));
      store.store(content, chars);
      DurableFiles.replace(
          file, file.resolveSibling("." + file.getFileName() + ".tmp"), content.toByteArray());
    } catch (IOException e) {
      throw new WarehouseException(
          StandardErrorCode.KEY_UNAVAILABLE,
          "keystore '" + file + "' cannot be written: " + DurableFiles.reason(e));
    } catch (GeneralSecurityException e) {
      throw invalid("a key cannot be added");
    }
  }

  /** A key that is added to another keystore would be all that the next start finds. */
  private KeyStore requireSame(KeyStore store) throws GeneralSecurityException {
    String current = keys.list().get(0).id();
    if (!store.containsAlias(current)) {
      throw invalid("it does not hold master key '" + current + "', which is in use: put it back");
    }
    return store;
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(TYPE);
    store.load(null, null);
    return store;
  }

  private WarehouseException invalid(String why) {
    return new WarehouseException(
        StandardErrorCode.CONFIG_INVALID, "keystore '" + file + "' cannot be used: " + why);
  }

  @Override
  public void close() {
    keys.close();
  }

  @Override
  public String toString() {
    return "KeystoreKeyProvider of " + file.getFileName();
  }
}
