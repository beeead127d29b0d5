package io.datawarehouse.it.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.it.platform.Places;
import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.boot.KernelOptions;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.plugin.PluginId;
import io.datawarehouse.sdk.plugin.PluginState;
import io.datawarehouse.sdk.plugin.WarehousePlugin;
import jakarta.enterprise.inject.Any;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jboss.weld.environment.se.Weld;
import org.jboss.weld.environment.se.WeldContainer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The plugins of the guide: built outside of the reactor with the SDK and the test kit, tested
 * there by extending the contracts, found in their jar, and used by a kernel.
 */
class GuidePluginsIT {

  private static final Pattern TEST = Pattern.compile("<testcase ");
  private static final Pattern NOT_HELD = Pattern.compile("<(failure|error|skipped)\\b");
  private static final BucketName BUCKET = new BucketName("letters");

  private static Path project = Path.of("");
  @TempDir Path data;

  @BeforeAll
  static void buildPlugins() throws Exception {
    project = new OutsideProject(Places.work("guide")).withTestkit().build("guide-plugins");
  }

  @Test
  void contractsWereRunAndHeld() throws IOException {
    assertThat(testsOf("com.example.shelf.ShelfContractTest")).isGreaterThanOrEqualTo(25);
    assertThat(testsOf("com.example.quietest.QuietestContractTest")).isGreaterThanOrEqualTo(14);
    assertThat(testsOf("com.example.tenant.TenantContractTest")).isGreaterThanOrEqualTo(7);
  }

  @Test
  void storeStrategyAndAffinityRunInAKernel() throws IOException {
    Path jar = project.resolve("target/guide-plugins.jar");
    try (PluginJar loader = new PluginJar(jar, getClass().getClassLoader());
        WeldContainer container = new Weld().setClassLoader(loader).initialize()) {
      List<WarehousePlugin> plugins = new ArrayList<>();
      container.select(WarehousePlugin.class, Any.Literal.INSTANCE).forEach(plugins::add);
      Kernel kernel =
          Kernel.start(
              new KernelOptions(
                  data,
                  KernelConfig.of(
                      Map.of("dw.storage.provider", "shelf", "dw.storage.pipeline", "none")),
                  Clock.systemUTC(),
                  Thread::new),
              plugins);
      try {
        assertThat(kernel.plugins().plugins())
            .filteredOn(status -> status.state() == PluginState.RUNNING)
            .extracting(status -> status.id().value())
            .contains("shelf", "quietest", "tenant");
        assertThat(kernel.balancing().affinities()).contains("tenant");
        assertThat(kernel.plugins().capabilities())
            .filteredOn(status -> status.name().equals(LoadBalancerStrategy.CAPABILITY.name()))
            .singleElement()
            .satisfies(status -> assertThat(status.providers()).contains(new PluginId("quietest")));
        assertThat(writtenAndReadBack(kernel)).isEqualTo("dear reader");
      } finally {
        kernel.stop();
      }
    }
  }

  private static String writtenAndReadBack(Kernel kernel) throws IOException {
    ask(kernel, Message.command(StorageTopics.BUCKET_CREATE, createBucket()));
    ask(
        kernel,
        Message.command(StorageTopics.WRITE, writeBlob())
            .content(Content.of(Bytes.utf8("dear reader"), "text/plain")));
    Reply read = ask(kernel, Message.query(StorageTopics.READ, readBlob()));
    try (Content content = read.content().orElseThrow()) {
      return Bytes.copyOf(content.stream().readAllBytes()).asUtf8();
    }
  }

  private static Payload createBucket() {
    return Payload.of(new CreateBucket(BUCKET, BucketSettings.none().withPipeline(List.of())));
  }

  private static Payload writeBlob() {
    return Payload.of(
        new WriteBlob(
            BUCKET,
            "first",
            "text/plain",
            Map.of(),
            List.of(),
            WriteCondition.none(),
            Optional.empty()));
  }

  private static Payload readBlob() {
    return Payload.of(new ReadBlob(BUCKET, "first", Optional.empty(), ReadCondition.none()));
  }

  private static Reply ask(Kernel kernel, Message.Builder message) {
    return kernel.bus().request(message.build()).toCompletableFuture().join();
  }

  /**
   * Returns how many tests of a class were run, those in groups included; all of them held. The
   * report's own sum leaves groups out.
   */
  private static long testsOf(String testClass) throws IOException {
    String report =
        Files.readString(project.resolve("target/surefire-reports/TEST-" + testClass + ".xml"));
    assertThat(NOT_HELD.matcher(report).results()).as("what did not hold in %s", report).isEmpty();
    return TEST.matcher(report).results().count();
  }
}
