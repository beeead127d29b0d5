package io.datawarehouse.kernel.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.security.KeyProvider;
import io.datawarehouse.sdk.security.MasterKey;
import io.datawarehouse.sdk.security.MasterWrapping;
import io.datawarehouse.sdk.security.Secret;
import io.datawarehouse.testkit.kernel.ManualClock;
import io.datawarehouse.testkit.security.KeyProviderContract;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeystoreKeyProviderContractTest extends KeyProviderContract {

  private static final Supplier<Secret> PASSWORD = () -> Secret.of("a password".toCharArray());

  @TempDir Path directory;
  private final ManualClock clock = new ManualClock();
  private Path file;
  private KeystoreKeyProvider provider;

  @BeforeEach
  void make() {
    file = directory.resolve("keys.p12");
    provider = KeystoreKeyProvider.make(file, PASSWORD, new SecureRandom(), clock);
  }

  @AfterEach
  void close() {
    provider.close();
  }

  @Override
  protected KeyProvider provider() {
    return provider;
  }

  @Override
  protected KeyProvider reopened() {
    provider.close();
    provider = open(PASSWORD);
    return provider;
  }

  @Test
  void fileIsTheOwnersAloneAndKeysKnowTheirAge() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(reopened().masterKeys())
        .singleElement()
        .extracting(MasterKey::createdAt)
        .isEqualTo(Optional.of(clock.instant()));
  }

  @Test
  void newestKeyIsCurrentAfterManyRotationsAndARestart() {
    MasterWrapping first = provider.wrap(new byte[] {1, 2}, Bytes.empty());
    String last = "";
    for (int i = 0; i < 11; i++) {
      last = provider.create().id();
    }

    KeyProvider again = reopened();
    assertThat(again.masterKeys()).hasSize(12);
    assertThat(again.masterKeys().get(0).id()).isEqualTo(last);
    assertThat(again.unwrap(first, Bytes.empty())).isPresent();
  }

  @Test
  void wrongPasswordIsSaidWithoutIt() {
    assertThatThrownBy(() -> open(() -> Secret.of("another one".toCharArray())))
        .hasMessageContainingAll("keys.p12", "its password is another one")
        .hasMessageNotContaining("another one'")
        .hasNoCause()
        .extracting(e -> ((WarehouseException) e).code())
        .isEqualTo(StandardErrorCode.CONFIG_INVALID);
  }

  @Test
  void damagedFileIsRefused() throws IOException {
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);

    assertThatThrownBy(() -> open(PASSWORD)).hasMessageContaining("keys.p12");
  }

  @Test
  void fileThatOthersReadIsRefused() throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

    assertThatThrownBy(() -> open(PASSWORD)).hasMessageContaining("chmod 600");
  }

  @Test
  void keystoreThatIsThereIsNeverMadeAnew() {
    assertThatThrownBy(() -> KeystoreKeyProvider.make(file, PASSWORD, new SecureRandom(), clock))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void keyThatCannotBeStoredIsNotUsed() throws IOException {
    String before = provider.masterKeys().get(0).id();
    Files.delete(file);

    assertThatThrownBy(() -> provider.create()).hasMessageContaining("keys.p12");
    assertThat(provider.masterKeys()).extracting(MasterKey::id).containsExactly(before);
  }

  @Test
  void closedProviderIsUnavailable() {
    provider.close();

    assertThatThrownBy(() -> provider.wrap(new byte[] {1}, Bytes.empty()))
        .extracting(e -> ((WarehouseException) e).code())
        .isEqualTo(StandardErrorCode.KEY_UNAVAILABLE);
  }

  @Test
  void keysOfOneNumberAreBothKept() throws Exception {
    MasterWrapping wrapped = provider.wrap(new byte[] {1, 2}, Bytes.empty());
    char[] password = "a password".toCharArray();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, password);
    }
    // As of two keystores that went different ways and were put together again.
    store.setEntry(
        "master-1-99999999999999-0a0b0c0d",
        new KeyStore.SecretKeyEntry(new SecretKeySpec(new byte[32], "AES")),
        new KeyStore.PasswordProtection(password));
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, password);
    }

    KeyProvider again = reopened();

    assertThat(again.masterKeys()).hasSize(2);
    assertThat(again.masterKeys().get(0).id()).isEqualTo("master-1-99999999999999-0a0b0c0d");
    assertThat(again.unwrap(wrapped, Bytes.empty())).isPresent();
  }

  @Test
  void keyIsNotAddedToAKeystoreThatWasPutInThePlaceOfItsOwn() throws IOException {
    String current = provider.masterKeys().get(0).id();
    Path other = directory.resolve("other.p12");
    KeystoreKeyProvider.make(other, PASSWORD, new SecureRandom(), clock).close();
    Files.copy(other, file, StandardCopyOption.REPLACE_EXISTING);

    assertThatThrownBy(() -> provider.create()).hasMessageContainingAll(current, "put it back");

    assertThat(file).hasSameBinaryContentAs(other);
    assertThat(provider.masterKeys()).extracting(MasterKey::id).containsExactly(current);
  }

  @Test
  void keystoreBehindALinkIsChangedWhereItLies() throws IOException {
    provider.close();
    Path elsewhere = Files.createDirectory(directory.resolve("safe")).resolve("keys.p12");
    Files.move(file, elsewhere);
    Files.createSymbolicLink(file, elsewhere);
    provider = open(PASSWORD);

    provider.create();

    assertThat(file).isSymbolicLink();
    assertThat(reopened().masterKeys()).hasSize(2);
  }

  @Test
  void keystoreThatIsLostAtRunTimeIsNoWrongRequest() throws IOException {
    Files.delete(file);

    assertThatThrownBy(() -> provider.create())
        .extracting(e -> ((WarehouseException) e).code())
        .isEqualTo(StandardErrorCode.STORAGE_FAILED);
    assertThat(provider.wrap(new byte[] {1}, Bytes.empty())).isNotNull();
  }

  @Test
  void noDamageIsSaidInOtherWordsThanItsOwn() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at += 23) {
      byte[] damaged = at % 2 == 0 ? whole.clone() : Arrays.copyOf(whole, at);
      if (at % 2 == 0) {
        damaged[at] ^= (byte) 0xff;
      }
      Files.write(file, damaged);
      try {
        open(PASSWORD).close();
      } catch (WarehouseException e) {
        assertThat(e.code()).isEqualTo(StandardErrorCode.CONFIG_INVALID);
        assertThat(e).hasNoCause();
      }
    }
  }

  private KeystoreKeyProvider open(Supplier<Secret> password) {
    return KeystoreKeyProvider.open(file, password, new SecureRandom(), clock);
  }
}
