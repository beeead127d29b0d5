package io.datawarehouse.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.keys.KeyOffice.MasterKeyStatus;
import io.datawarehouse.kernel.keys.KeySource;
import io.datawarehouse.kernel.keys.SampleKeyService;
import io.datawarehouse.kernel.plugin.ScriptedPlugin;
import io.datawarehouse.plugin.encryption.EncryptionPlugin;
import io.datawarehouse.plugin.rocksdb.RocksDbStoragePlugin;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBlob;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBucket;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelContext;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.plugin.WarehousePlugin;
import io.datawarehouse.sdk.security.Secret;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys of a whole kernel, over a store that outlives it. */
class KernelKeysTest {

  private static final BucketName BUCKET = new BucketName("bucket");
  private static final String TEXT = "what nobody else shall read";

  @TempDir Path parent;
  private final ManualClock clock = new ManualClock();
  private final Map<String, String> settings = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();
  private final SampleKeyService.Vault vault = new SampleKeyService.Vault();
  private final List<Kernel> kernels = new ArrayList<>();

  @AfterEach
  void stop() {
    kernels.forEach(Kernel::stop);
  }

  @Test
  void keystoreIsMadeAtTheFirstStartForTheOwnerAlone() throws IOException {
    start();

    for (String name : List.of("keys.p12", "keystore.password")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret(name))))
          .as(name)
          .isEqualTo("rw-------");
    }
    assertThat(Files.readString(secret("keystore.password"))).hasSizeGreaterThan(40);
  }

  @Test
  void encryptedBlobOutlivesRestartsAndRotations() {
    Kernel kernel = start();
    write(kernel, "a");
    kernel.keys().rotateMaster();
    kernel.keys().rotateBucket(BUCKET);
    write(kernel, "b");

    Kernel again = restart();

    assertThat(read(again, "a")).isEqualTo(TEXT);
    assertThat(read(again, "b")).isEqualTo(TEXT);
    assertThat(again.keys().status().masterKeys())
        .extracting(MasterKeyStatus::bucketKeys)
        .containsExactly(2L, 0L);
    assertThat(again.scrapeMetrics())
        .contains("dw_keys_available 1.0", "dw_keys_buckets{state=\"retired\"} 1.0");
  }

  @Test
  void missingKeystoreStopsTheBootAndIsNotMadeAnew() throws IOException {
    write(start(), "a");
    kernels.get(0).stop();
    Path away = parent.resolve("away.p12");
    Files.move(secret("keys.p12"), away);

    assertThatThrownBy(this::start).hasMessageContainingAll("keys.p12", "is missing");
    assertThat(secret("keys.p12")).doesNotExist();

    Files.move(away, secret("keys.p12"));
    assertThat(read(start(), "a")).isEqualTo(TEXT);
  }

  @Test
  void otherKeystoreStopsTheBoot() throws IOException {
    write(start(), "a");
    kernels.get(0).stop();
    Files.delete(secret("keys.p12"));
    Kernel other = start(parent.resolve("other"));
    other.stop();
    Files.copy(parent.resolve("other/secrets/keys.p12"), secret("keys.p12"));

    assertThatThrownBy(this::start).hasMessageContainingAll("keys.p12", "password");
    Files.copy(
        parent.resolve("other/secrets/keystore.password"),
        secret("keystore.password"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(this::start)
        .hasMessageContainingAll("do not fit what is encrypted", "there is no master key");
  }

  @Test
  void keystoreThatIsMissingBeforeAnythingIsEncryptedIsMadeAnew() throws IOException {
    start().stop();
    Files.delete(secret("keys.p12"));

    Kernel kernel = start();
    write(kernel, "a");
    assertThat(read(kernel, "a")).isEqualTo(TEXT);
  }

  @Test
  void passwordMayBeASecretOfTheDirectory() throws IOException {
    Path secrets = Files.createDirectories(parent.resolve("mounted"));
    Files.writeString(secrets.resolve("dw.keys.keystore.password"), "of the operator");
    settings.put("dw.secrets.dir", secrets.toString());
    write(start(), "a");

    assertThat(secret("keystore.password")).doesNotExist();
    assertThat(read(restart(), "a")).isEqualTo(TEXT);
  }

  @Test
  void keysOfTheEnvironmentRotateByPuttingANewOneFirst() {
    settings.put("dw.keys.provider", "environment");
    assertThatThrownBy(this::start).hasMessageContaining("DW_KEYS_MASTER is not set");
    String old = newKey();
    environment.put("DW_KEYS_MASTER", "old:" + old);
    write(start(), "a");
    environment.put("DW_KEYS_MASTER", "new:" + newKey() + ",old:" + old);

    Kernel rotated = restart();

    assertThat(rotated.keys().status().masterKeys())
        .extracting(key -> key.id() + " " + key.state() + " " + key.bucketKeys())
        .containsExactly("new ACTIVE 1", "old RETIRED 0");
    assertThat(read(rotated, "a")).isEqualTo(TEXT);
    rotated.stop();
    environment.put("DW_KEYS_MASTER", "new:" + newKey());
    assertThatThrownBy(this::start)
        .hasMessageContainingAll("environment", "it is another key of that name");
  }

  @Test
  void keysOfAFile() throws IOException {
    Path file = Files.writeString(parent.resolve("master"), newKey() + "\n");
    settings.put("dw.keys.provider", "file");
    assertThatThrownBy(this::start).hasMessageContaining("dw.keys.file must say which");
    settings.put("dw.keys.file", file.toString());
    write(start(), "a");

    assertThat(read(restart(), "a")).isEqualTo(TEXT);
  }

  @Test
  void keysOfAPluginMayBeAwayAndComeBack() {
    settings.put("dw.keys.provider", SampleKeyService.NAME);
    write(start(), "a");
    kernels.get(0).stop();
    vault.reachable(false);

    Kernel kernel = start();

    assertThat(kernel.conditions().withoutKeys().orElseThrow()).contains("out of reach");
    assertThat(codeOf(() -> read(kernel, "a"))).isEqualTo(StandardErrorCode.KEY_UNAVAILABLE);
    assertThat(codeOf(() -> write(kernel, "b"))).isEqualTo(StandardErrorCode.KEY_UNAVAILABLE);
    vault.reachable(true);
    clock.advance(KeySource.PAUSE);
    Awaitility.await().until(() -> kernel.conditions().withoutKeys().isEmpty());
    assertThat(read(kernel, "a")).isEqualTo(TEXT);
  }

  @Test
  void providerThatNobodyIsStopsTheBoot() {
    settings.put("dw.keys.provider", "tape");

    assertThatThrownBy(this::start)
        .hasMessageContainingAll("dw.keys.provider is 'tape'", "available: sample");
  }

  @Test
  void destroyedKeysMakeBlobsUnreadableForGood() {
    Kernel kernel = start();
    write(kernel, "a");

    kernel.keys().destroy(BUCKET);

    assertThat(codeOf(() -> read(kernel, "a"))).isEqualTo(StandardErrorCode.KEY_DESTROYED);
    write(kernel, "b");
    Kernel again = restart();
    assertThat(codeOf(() -> read(again, "a"))).isEqualTo(StandardErrorCode.KEY_DESTROYED);
    assertThat(read(again, "b")).isEqualTo(TEXT);
  }

  @Test
  void deletedBucketTakesItsKeysAlong() {
    Kernel kernel = start();
    write(kernel, "a");
    assertThat(codeOf(() -> send(kernel, StorageTopics.BUCKET_DELETE, new DeleteBucket(BUCKET))))
        .isEqualTo(StandardErrorCode.BUCKET_NOT_EMPTY);
    assertThat(read(kernel, "a")).isEqualTo(TEXT);
    send(
        kernel,
        StorageTopics.DELETE,
        new DeleteBlob(BUCKET, "a", WriteCondition.none(), Optional.empty()));

    send(kernel, StorageTopics.BUCKET_DELETE, new DeleteBucket(BUCKET));

    assertThat(kernel.keys().status().buckets()).isEmpty();
    write(kernel, "a");
    assertThat(read(restart(), "a")).isEqualTo(TEXT);
  }

  @Test
  void pluginSeesItsOwnSecrets() throws IOException {
    environment.put("DW_PLUGIN_A_TOKEN", "of a");
    environment.put("DW_PLUGIN_B_TOKEN", "of b");
    AtomicReference<KernelContext> context = new AtomicReference<>();
    start(parent.resolve("data"), new ScriptedPlugin("a").onStart(context::set));

    try (Secret token = context.get().secrets().require("token")) {
      assertThat(new String(token.chars())).isEqualTo("of a");
    }
    assertThat(context.get().secrets().find("b.token")).isEmpty();
  }

  // ---- helpers -------------------------------------------------------------------------------

  private Path secret(String name) {
    return parent.resolve("data/secrets").resolve(name);
  }

  private Kernel start() {
    return start(parent.resolve("data"));
  }

  private Kernel restart() {
    kernels.get(kernels.size() - 1).stop();
    return start();
  }

  private Kernel start(Path data, WarehousePlugin... more) {
    List<WarehousePlugin> plugins = new ArrayList<>(List.of(more));
    plugins.add(new RocksDbStoragePlugin());
    plugins.add(new EncryptionPlugin());
    plugins.add(new SampleKeyService(vault));
    Kernel kernel =
        Kernel.start(
            new KernelOptions(data, KernelConfig.of(settings), clock, Thread::new, environment),
            plugins);
    kernels.add(kernel);
    return kernel;
  }

  private static void write(Kernel kernel, String key) {
    send(
        kernel,
        StorageTopics.BUCKET_CREATE,
        new CreateBucket(BUCKET, BucketSettings.none().withPipeline(List.of("aes-gcm"))));
    kernel
        .bus()
        .request(
            Message.command(
                    StorageTopics.WRITE,
                    Payload.of(
                        new WriteBlob(
                            BUCKET,
                            key,
                            "text/plain",
                            Map.of(),
                            List.of(),
                            WriteCondition.none(),
                            Optional.empty())))
                .content(Content.of(Bytes.utf8(TEXT), "text/plain"))
                .build())
        .toCompletableFuture()
        .join();
  }

  private static String read(Kernel kernel, String key) {
    try (Content content =
        kernel
            .bus()
            .request(
                Message.query(
                        StorageTopics.READ,
                        Payload.of(
                            new ReadBlob(BUCKET, key, Optional.empty(), ReadCondition.none())))
                    .build())
            .toCompletableFuture()
            .join()
            .content()
            .orElseThrow()) {
      return new String(content.stream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void send(Kernel kernel, Topic topic, Object payload) {
    kernel
        .bus()
        .request(Message.command(topic, Payload.of(payload)).build())
        .toCompletableFuture()
        .join();
  }

  private static ErrorCode codeOf(Runnable call) {
    try {
      call.run();
    } catch (CompletionException e) {
      return ((WarehouseException) e.getCause()).code();
    } catch (WarehouseException e) {
      return e.code();
    }
    throw new AssertionError("it worked");
  }

  private static String newKey() {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    return Base64.getEncoder().encodeToString(key);
  }
}
