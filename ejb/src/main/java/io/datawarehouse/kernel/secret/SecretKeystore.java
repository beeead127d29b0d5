package io.datawarehouse.kernel.secret;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.security.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Secrets in a PKCS#12 keystore, as {@code keytool -importpass} puts them there: the alias is the
 * name. Read at each call. Thread-safe.
 */
final class SecretKeystore implements SecretSource {

  private final Path file;
  private final Supplier<Optional<Secret>> password;

  SecretKeystore(Path file, Supplier<Optional<Secret>> password) {
    this.file = file;
    this.password = password;
  }

  @Override
  public Optional<Secret> find(String name) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    PrivateFile.requireOwnersAlone(file);
    try (Secret opening =
            password
                .get()
                .orElseThrow(() -> invalid("there is no secret 'dw.secrets.keystore.password'"));
        InputStream in = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      char[] chars = opening.chars();
      store.load(in, chars);
      Key key = store.getKey(name, chars);
      return key == null ? Optional.empty() : Optional.of(Secret.of(key.getEncoded()));
    } catch (IOException | GeneralSecurityException e) {
      // No cause: what a keystore says of its content is not for logs.
      throw invalid("it cannot be opened, or its password is another one");
    }
  }

  private WarehouseException invalid(String why) {
    return new WarehouseException(
        StandardErrorCode.CONFIG_INVALID, "keystore of secrets '" + file + "': " + why);
  }
}
