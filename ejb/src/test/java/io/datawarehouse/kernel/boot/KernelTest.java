package io.datawarehouse.kernel.boot;

import static io.datawarehouse.kernel.boot.KernelFixture.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.audit.AuditEntry;
import io.datawarehouse.kernel.audit.AuditEvent;
import io.datawarehouse.kernel.audit.AuditTrail;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.health.NodeConditions.Phase;
import io.datawarehouse.kernel.plugin.PluginStatus;
import io.datawarehouse.kernel.plugin.ScriptedPlugin;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.blob.StorageMessages.ProbeResult;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelContext;
import io.datawarehouse.sdk.kernel.OperatingMode;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.plugin.PluginState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelTest {

  private static final Topic TOPIC = Topic.of("test.topic");

  @TempDir Path parent;
  private KernelFixture fixture;
  private final AtomicReference<KernelContext> context = new AtomicReference<>();

  @BeforeEach
  void prepare() {
    fixture = new KernelFixture(parent);
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  // ---- a node that serves --------------------------------------------------------------------

  @Test
  void kernelServesOverTheBusAndTellsOfItself() throws IOException {
    Kernel kernel = fixture.serve(new ScriptedPlugin("a"));

    assertThat(kernel.nodeId().value()).startsWith("node-");
    assertThat(kernel.mode()).isEqualTo(OperatingMode.STANDALONE);
    assertThat(kernel.startedAt()).isEqualTo(fixture.clock.instant());
    assertThat(kernel.dataDirectory()).isEqualTo(fixture.data());
    assertThat(kernel.plugins().plugins())
        .extracting(status -> status.id() + " " + status.state())
        .containsExactly("a RUNNING", "fake-storage RUNNING");
    assertThat(kernel.plugins().capabilities())
        .extracting(capability -> capability.name() + " " + capability.providers())
        .containsExactly("storage [fake-storage]");
    assertThat(kernel.topics()).extracting(topic -> topic.topic()).contains("storage.probe");
    ProbeResult probed =
        ask(kernel.bus(), Message.query(StorageTopics.PROBE, Payload.empty()))
            .as(ProbeResult.class);
    assertThat(probed.provider()).isEqualTo("rocksdb");
    String token = Files.readString(kernel.dataDirectory().resolve("secrets/admin.token")).strip();
    assertThat(kernel.authenticator().authenticate(token)).contains(Role.ADMIN);
    assertThat(kernel.scrapeMetrics())
        .contains("dw_plugins{state=\"running\"} 2.0\n", "dw_bus_deliveries_total{")
        .doesNotContain(token);
  }

  @Test
  void tokensAreTakenFromTheDirectoryThatIsNamedAndNoneAreMadeElsewhere() throws IOException {
    Path shared = fixture.data().resolveSibling("shared");
    fixture.settings.put("dw.tokens.dir", shared.toString());

    Kernel kernel = fixture.serve();

    String token = Files.readString(shared.resolve("admin.token")).strip();
    assertThat(kernel.authenticator().authenticate(token)).contains(Role.ADMIN);
    assertThat(kernel.dataDirectory().resolve("secrets/admin.token")).doesNotExist();
  }

  @Test
  void severalKernelsRunInOneProcess() {
    Kernel one = fixture.start(parent.resolve("one"), List.of(new FakeStoragePlugin()));
    Kernel two = fixture.start(parent.resolve("two"), List.of(new FakeStoragePlugin()));

    assertThat(one.nodeId()).isNotEqualTo(two.nodeId());
  }

  @Test
  void failingOptionalPluginIsShownAndTheNodeServes() {
    Kernel kernel =
        fixture.serve(
            new ScriptedPlugin("a")
                .onStart(
                    ignored -> {
                      throw new IllegalStateException("no licence");
                    }));

    PluginStatus status = kernel.plugins().plugins().get(0);
    assertThat(status.state()).isEqualTo(PluginState.FAILED);
    assertThat(status.reason().orElseThrow()).contains("no licence");
    assertThat(kernel.conditions().phase()).isEqualTo(Phase.RUNNING);
  }

  @Test
  void storageThatIsNotSelectedStandsBy() {
    fixture.settings.put("dw.storage.provider", "other");
    Kernel kernel = fixture.serve(new FakeStoragePlugin("other-storage", "other"));

    assertThat(kernel.plugins().plugins())
        .extracting(status -> status.id() + " " + status.state())
        .containsExactly("fake-storage STANDBY", "other-storage RUNNING");
  }

  @Test
  void lackOfSpaceIsACondition() {
    fixture.settings.put("dw.data.least-free", "1048576TiB");

    assertThat(fixture.serve().conditions().shortOfSpace().orElseThrow())
        .contains("dw.data.least-free");
    fixture.close();
    fixture.settings.put("dw.data.least-free", "1KiB");
    assertThat(fixture.serve().conditions().shortOfSpace()).isEmpty();
  }

  // ---- what a plugin gets --------------------------------------------------------------------

  @Test
  void pluginGetsWhatIsItsOwnAndNothingElse() {
    fixture.settings.put("dw.plugin.a.size", "3");
    fixture.settings.put("dw.plugin.b.size", "4");
    Kernel kernel = fixture.serve(started("a"), new ScriptedPlugin("b"));

    KernelContext seen = context.get();
    assertThat(seen.nodeId()).isEqualTo(kernel.nodeId());
    assertThat(seen.mode()).isEqualTo(OperatingMode.STANDALONE);
    assertThat(seen.clock()).isSameAs(fixture.clock);
    assertThat(seen.cluster()).isEmpty();
    assertThat(seen.rootPath()).isEqualTo(fixture.data().resolve("plugins/a")).isDirectory();
    assertThat(seen.logger().getName()).isEqualTo("io.datawarehouse.plugin.a");
    assertThat(seen.config().names()).containsExactly("size");
    assertThat(seen.provides(new CapabilityName("storage"))).isTrue();
    assertThat(seen.provides(new CapabilityName("absent"))).isFalse();
    seen.metrics().counter("work", "Work", Map.of()).increment();
    assertThat(kernel.scrapeMetrics()).contains("dw_work_total{plugin=\"a\"} 1.0\n");
  }

  @Test
  void stateOfAPluginIsDurableAndItsOwn() {
    Bytes value = Bytes.copyOf("value".getBytes(StandardCharsets.UTF_8));
    fixture.serve(started("a")).bus();
    context.get().storage().put("key", value);
    fixture.close();

    fixture.serve(started("b"));
    assertThat(context.get().storage().get("key")).isEmpty();
    fixture.close();

    fixture.serve(started("a"));
    assertThat(context.get().storage().get("key")).contains(value);
  }

  @Test
  void pluginThatRequiresStorageCanUseItWhenItStarts() {
    AtomicReference<String> provider = new AtomicReference<>();
    fixture.serve(
        new ScriptedPlugin("a")
            .required()
            .requires("storage")
            .onStart(
                own ->
                    provider.set(
                        ask(own.bus(), Message.query(StorageTopics.PROBE, Payload.empty()))
                            .as(ProbeResult.class)
                            .provider())));

    assertThat(provider).hasValue("rocksdb");
  }

  @Test
  void undeliverableCommandSurvivesARestart() {
    Kernel kernel = fixture.serve();
    assertThatThrownBy(() -> ask(kernel.bus(), Message.command(TOPIC, Payload.of("text"))))
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining("NO_HANDLER");
    fixture.close();

    assertThat(fixture.serve().deadLetters().list(Optional.empty(), 10).letters())
        .singleElement()
        .satisfies(letter -> assertThat(letter.topic()).isEqualTo(TOPIC.name()));
  }

  // ---- a node that does not start ------------------------------------------------------------

  @Test
  void secondKernelOnADirectoryIsRefusedAndTheFirstServesOn() {
    Kernel first = fixture.serve();

    assertThatThrownBy(fixture::serve)
        .hasMessage("data directory '" + fixture.data() + "' is in use by another node")
        .extracting(e -> ((WarehouseException) e).code())
        .isEqualTo(StandardErrorCode.BOOT_FAILED);
    assertThat(ask(first.bus(), Message.query(StorageTopics.PROBE, Payload.empty()))).isNotNull();
  }

  @Test
  void allThatIsWrongIsInOneMessage() throws IOException {
    fixture.serve().stop();
    Files.writeString(fixture.data().resolve("secrets/reader.token"), "short");
    fixture.settings.putAll(
        Map.of(
            "dw.bus.threads", "many",
            "dw.bus.timeout", "0s",
            "dw.cluster.enabled", "true",
            "dw.cluster.discovery", "carrier-pigeon",
            "dw.node.name", "no spaces",
            "dw.storage.provider", "tape"));

    assertThatThrownBy(() -> fixture.serve(new ScriptedPlugin("a").required().requires("absent")))
        .hasMessageContainingAll(
            "dw.bus.threads is 'many'",
            "dw.bus.timeout is '0s'",
            "dw.cluster.discovery is 'carrier-pigeon'",
            "dw.node.name is 'no spaces'",
            "reader.token' is too short",
            "plugin 'a' (required)",
            "dw.storage.provider is 'tape'",
            "available: rocksdb");
  }

  @Test
  void limitsOfTheAuditLogThatAreNotAllowedAreNamed() {
    fixture.settings.putAll(
        Map.of(
            "dw.audit.most-entries", "0",
            "dw.audit.most-bytes", "1KiB",
            "dw.audit.keep", "500ms",
            "dw.audit.refusals-per-minute", "-1"));

    assertThatThrownBy(() -> fixture.serve())
        .hasMessageContainingAll(
            "dw.audit.most-entries is '0'",
            "dw.audit.most-bytes is '1KiB'",
            "dw.audit.keep is '500ms'",
            "dw.audit.refusals-per-minute is '-1'");
  }

  @Test
  void whoDidWhatOutlivesARestartWithinItsLimits() {
    fixture.settings.putAll(Map.of("dw.audit.most-entries", "3", "dw.audit.keep", "P1D"));
    AuditTrail before = fixture.serve().audit();
    for (int i = 1; i <= 5; i++) {
      before.record(
          AuditEvent.ofKernel("admin", "", "bucket.create", AuditEvent.Outcome.DONE, "b" + i, ""));
    }
    fixture.close();

    Kernel again = fixture.serve();

    assertThat(again.audit().list(0, 10).entries())
        .extracting(AuditEntry::target)
        .containsExactly("b3", "b4", "b5");
    assertThat(again.scrapeMetrics()).contains("dw_audit_entries 3");
  }

  @Test
  void nodeWithoutStorageDoesNotStart() {
    assertThatThrownBy(() -> fixture.start(fixture.data(), List.of(new ScriptedPlugin("a"))))
        .hasMessage("the kernel requires capability 'storage', which no plugin provides");
  }

  @Test
  void failedBootLeavesNothingBehind() {
    List<String> journal = new ArrayList<>();
    ScriptedPlugin first = new ScriptedPlugin("a", journal);
    ScriptedPlugin broken =
        new ScriptedPlugin("z", journal)
            .required()
            .onStart(
                ignored -> {
                  throw new IllegalStateException("broken");
                });

    assertThatThrownBy(() -> fixture.serve(first, broken))
        .hasMessageContainingAll("plugin 'z' (required)", "broken");

    assertThat(journal).containsExactly("start a", "start z", "stop z", "stop a");
    fixture.serve();
  }

  @Test
  void pluginThatTakesATopicOfTheStorageStopsTheBootNamingBoth() {
    assertThatThrownBy(
            () ->
                fixture.serve(
                    new ScriptedPlugin("a")
                        .onStart(
                            own ->
                                own.bus()
                                    .handle(
                                        StorageTopics.WRITE,
                                        HandlerOptions.direct(),
                                        MessageHandler.sync(message -> Reply.empty())))))
        .hasMessageContainingAll("storage.write", "handled by a", "kernel");
  }

  @Test
  void settingsThatNothingReadsAreNamedInTheLog() {
    fixture.settings.putAll(
        Map.of(
            "dw.strage.provider", "memory",
            "dw.plugin.absent.size", "1",
            "dw.plugin.a.anything", "1",
            "dw.storage.provider", "rocksdb",
            "dw.storage.pipeline", "none",
            "dw.http.min.rate", "1",
            "dw.port", "1"));

    List<String> log = logOf(KernelAssembly.class, () -> fixture.serve(new ScriptedPlugin("a")));

    assertThat(log)
        .singleElement()
        .asString()
        .endsWith(": dw.plugin.absent.size, dw.strage.provider");
  }

  @Test
  void optionsAreComplete() {
    assertThatThrownBy(
            () -> new KernelOptions(fixture.data(), KernelConfig.of(Map.of()), null, Thread::new))
        .hasMessage("clock");
  }

  private ScriptedPlugin started(String id) {
    return new ScriptedPlugin(id).after("storage").onStart(context::set);
  }

  private static List<String> logOf(Class<?> source, Runnable action) {
    List<String> lines = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            if (line.getLevel().intValue() >= Level.WARNING.intValue()) {
              lines.add(MessageFormat.format(line.getMessage(), line.getParameters()));
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(source.getName());
    logger.addHandler(handler);
    try {
      action.run();
    } finally {
      logger.removeHandler(handler);
    }
    return lines;
  }
}
