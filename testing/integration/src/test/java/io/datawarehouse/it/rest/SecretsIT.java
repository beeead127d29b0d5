package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.it.crash.NodeProcess;
import io.datawarehouse.it.platform.Places;
import io.datawarehouse.it.platform.Trees;
import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Plants secrets in a node of its own and looks for them, as they are, in Base64 and in hex,
 * wherever the node shows something.
 */
class SecretsIT {

  private static final List<String> ROLES = List.of("reader", "writer", "operator", "admin");

  private final Path data = Places.work("secrets");
  private final Path planted = data.resolve("mounted");
  private final Map<String, byte[]> secrets = new LinkedHashMap<>();
  private final Map<String, String> shown = new LinkedHashMap<>();
  private NodeProcess process;
  private Client node;

  @BeforeEach
  void start() throws Exception {
    Trees.delete(data);
    Files.createDirectories(planted);
    plant("dw.keys.keystore.password");
    plant("dw.plugin.echo.password");
    process = NodeProcess.start(data, "-Xmx256m", "-Ddw.secrets.dir=" + planted);
    node = new Client(process.base(), data);
    for (String role : ROLES) {
      secrets.put(role + " token", node.token(role).getBytes(StandardCharsets.UTF_8));
    }
    readMasterKeys("at the start");
  }

  @AfterEach
  void stop() {
    process.close();
  }

  @Test
  void nodeShowsNoSecretAnywhere() throws Exception {
    use();
    readMasterKeys("after the rotation");
    assertThat(secrets).hasSizeGreaterThanOrEqualTo(2 + ROLES.size() + 2);

    look("GET /metrics", node.get("/metrics"));
    for (String path : List.of("/health", "/health/ready", "/health/live", "/openapi")) {
      look("GET " + path, node.sendAs("", "GET", path, null));
    }
    for (String path : List.of("keys", "plugins", "capabilities", "cluster", "buckets")) {
      look("GET " + path, node.get("/api/v1/" + path));
    }
    shown.put("arguments", argumentsOf(process.pid()));
    process.stop();
    try (Stream<Path> logs = Files.walk(data.resolve("logs"))) {
      for (Path log : logs.filter(Files::isRegularFile).toList()) {
        shown.put(log.toString(), Files.readString(log, StandardCharsets.ISO_8859_1));
      }
    }

    assertThat(shown.get("arguments")).contains("-Ddw.secrets.dir");
    assertThat(shown.keySet()).anyMatch(name -> name.contains("logs"));
    assertThat(String.join("", shown.values())).contains("keys rotated", "dw_keys_available");
    shown.forEach(
        (place, text) ->
            secrets.forEach(
                (name, secret) ->
                    assertThat(holds(text, secret)).as(name + " in " + place).isFalse()));
  }

  @Test
  void lookingFindsWhatIsThere() {
    byte[] secret = {-1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

    assertThat(holds("x" + HexFormat.of().formatHex(secret), secret)).isTrue();
    assertThat(holds("x" + HexFormat.of().withUpperCase().formatHex(secret), secret)).isTrue();
    assertThat(holds(Base64.getEncoder().encodeToString(secret) + "x", secret)).isTrue();
    assertThat(holds("x" + new String(secret, StandardCharsets.ISO_8859_1), secret)).isTrue();
    assertThat(holds("something else", secret)).isFalse();
  }

  /** Works with keys, and makes mistakes, so that there is something to tell. */
  private void use() throws IOException {
    String bucket = node.newBucket();
    node.put(bucket + "/blobs/a", "content");
    look("a blob", node.get(bucket + "/blobs/a"));
    Answer rotated = node.post("/api/v1/keys/rotate", "{\"scope\":\"master\"}");
    assertThat(rotated.status()).isEqualTo(200);
    look("a rotation", rotated);
    Answer refused = node.delete("/api/v1/keys/buckets/some-bucket?confirm=other");
    assertThat(refused.status()).isEqualTo(400);
    look("a refused destruction", refused);
    look("nothing to destroy", node.delete("/api/v1/keys/buckets/absent?confirm=absent"));
    look("a wrong scope", node.post("/api/v1/keys/rotate", "{\"scope\":\"all\"}"));
    look("not JSON", node.post("/api/v1/keys/rotate", "{"));
    look("a stranger", node.sendAs("not-a-token", "GET", "/api/v1/keys", null));
    look("two tokens", node.get("/api/v1/keys", "Authorization: Bearer " + node.token("reader")));
    look("no such path", node.get("/api/v1/nope"));
  }

  private void look(String place, Answer answer) {
    shown.put(place, answer.toString() + answer.text());
  }

  private void plant(String name) throws IOException {
    byte[] random = new byte[24];
    new SecureRandom().nextBytes(random);
    String secret = HexFormat.of().formatHex(random);
    Files.writeString(planted.resolve(name), secret);
    secrets.put(name, secret.getBytes(StandardCharsets.UTF_8));
  }

  private void readMasterKeys(String when) throws IOException, GeneralSecurityException {
    char[] password = Files.readString(planted.resolve("dw.keys.keystore.password")).toCharArray();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(data.resolve("secrets").resolve("keys.p12"))) {
      store.load(in, password);
    }
    for (String alias : Collections.list(store.aliases())) {
      secrets.put("master key " + alias + " " + when, store.getKey(alias, password).getEncoded());
    }
  }

  private static String argumentsOf(long pid) throws IOException {
    return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline")).replace('\0', ' ');
  }

  private static boolean holds(String text, byte[] secret) {
    String raw = new String(secret, StandardCharsets.ISO_8859_1);
    String hex = HexFormat.of().formatHex(secret);
    String base64 = Base64.getEncoder().withoutPadding().encodeToString(secret);
    String url = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    return text.contains(raw)
        || text.contains(hex)
        || text.contains(hex.toUpperCase(Locale.ROOT))
        || text.contains(base64)
        || text.contains(url);
  }
}
