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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.Supplier;
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

  private KeystoreKeyProvider open(Supplier<Secret> password) {
    return KeystoreKeyProvider.open(file, password, new SecureRandom(), clock);
  }
}
