package io.datawarehouse.kernel.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.security.Secret;
import io.datawarehouse.sdk.security.SecretManager;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeSecretsTest {

  private static final char[] PASSWORD = "opens the store".toCharArray();

  @TempDir Path parent;
  private Path directory;
  private Path keystore;
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void prepare() throws IOException {
    directory = Files.createDirectory(parent.resolve("config"));
    keystore = parent.resolve("secrets.p12");
  }

  @Test
  void directoryComesFirstThenTheKeystoreThenTheEnvironment() throws Exception {
    for (String name : new String[] {"in.all", "in.two", "in-one.only"}) {
      environment.put(SecretNames.inEnvironment(name), "environment");
    }
    keystoreWith("in.all", "in.two");
    file("in.all", "directory\n");
    file(NodeSecrets.KEYSTORE_PASSWORD, new String(PASSWORD));

    assertThat(text(secrets(), "in.all")).isEqualTo("directory");
    assertThat(text(secrets(), "in.two")).isEqualTo("keystore");
    assertThat(text(secrets(), "in-one.only")).isEqualTo("environment");
    assertThat(secrets().find("in.none")).isEmpty();
  }

  @Test
  void passwordOfTheKeystoreMayBeInTheEnvironment() throws Exception {
    keystoreWith("stored");
    assertThatThrownBy(() -> secrets().find("stored"))
        .hasMessageContainingAll("secrets.p12", "dw.secrets.keystore.password");

    environment.put("DW_SECRETS_KEYSTORE_PASSWORD", new String(PASSWORD));

    assertThat(text(secrets(), "stored")).isEqualTo("keystore");
  }

  @Test
  void wrongPasswordIsSaidWithoutItAndWithoutACause() throws Exception {
    keystoreWith("stored");
    environment.put("DW_SECRETS_KEYSTORE_PASSWORD", "not-the-one");

    assertThatThrownBy(() -> secrets().find("stored"))
        .hasMessageContaining("its password is another one")
        .hasMessageNotContaining("not-the-one")
        .hasNoCause();
  }

  @Test
  void replacedFileIsFoundWithoutARestart() throws IOException {
    NodeSecrets secrets = secrets();
    file("token", "one");
    assertThat(text(secrets, "token")).isEqualTo("one");

    file("token", "two\r\n");

    assertThat(text(secrets, "token")).isEqualTo("two");
  }

  @Test
  void missingSecretIsNamedWithWhereItWasLookedFor() {
    assertThatThrownBy(() -> secrets().require("some.thing-else"))
        .hasMessageContainingAll("'some.thing-else'", "dw.secrets.dir", "SOME_THING__ELSE")
        .extracting(e -> ((WarehouseException) e).code())
        .isEqualTo(StandardErrorCode.NOT_FOUND);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "..", "../x", "a/b", "a..b", "A", "a_b", "-a", "a-", "a.-b", "a\n", "ä"})
  void nameThatCouldReachElsewhereIsRefused(String name) {
    assertThatThrownBy(() -> secrets().find(name))
        .extracting(e -> ((WarehouseException) e).code())
        .isEqualTo(StandardErrorCode.INVALID_ARGUMENT);
    assertThatThrownBy(() -> secrets().scope("dw.plugin.a.").find(name))
        .extracting(e -> ((WarehouseException) e).code())
        .isEqualTo(StandardErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void pluginSeesItsOwnAloneHoweverItSpellsThem() throws IOException {
    file("dw.plugin.a.token", "of a");
    file("dw.plugin.a-b.c", "of a-b");
    environment.put("DW_PLUGIN_A__B_D", "of a-b");
    SecretManager own = secrets().scope("dw.plugin.a.");

    assertThat(text(own, "token")).isEqualTo("of a");
    for (String name : new String[] {"b.c", "b.d", "b-c", "b-d", "dw.plugin.a-b.c"}) {
      assertThat(own.find(name)).as(name).isEmpty();
    }
    assertThat(text(secrets().scope("dw.plugin.a-b."), "d")).isEqualTo("of a-b");
    assertThatThrownBy(() -> own.require("absent")).hasMessageContaining("dw.plugin.a.absent");
  }

  @Test
  void fileThatOthersCanChangeIsRefused() throws IOException {
    file("token", "planted");
    Files.setPosixFilePermissions(
        directory.resolve("token"), PosixFilePermissions.fromString("rw-rw-rw-"));

    assertThatThrownBy(() -> secrets().find("token"))
        .hasMessageContainingAll("token", "chmod 600")
        .hasMessageNotContaining("planted");
  }

  @Test
  void everyCallerHasAHolderOfItsOwn() throws IOException {
    file("token", "one");
    Secret first = secrets().require("token");
    Secret second = secrets().require("token");

    first.close();

    assertThat(second.bytes()).asString().isEqualTo("one");
    second.close();
  }

  private NodeSecrets secrets() {
    return new NodeSecrets(directory, keystore, environment);
  }

  private void file(String name, String content) throws IOException {
    Files.writeString(directory.resolve(name), content);
  }

  /** As keytool does it with -importpass. */
  private void keystoreWith(String... names) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (String name : names) {
      store.setEntry(
          name,
          new KeyStore.SecretKeyEntry(
              SecretKeyFactory.getInstance("PBE")
                  .generateSecret(new PBEKeySpec("keystore".toCharArray()))),
          new KeyStore.PasswordProtection(PASSWORD));
    }
    try (OutputStream out = Files.newOutputStream(keystore)) {
      store.store(out, PASSWORD);
    }
    Files.setPosixFilePermissions(keystore, PosixFilePermissions.fromString("rw-------"));
  }

  private static String text(SecretManager secrets, String name) {
    try (Secret secret = secrets.require(name)) {
      return new String(secret.chars());
    }
  }
}
