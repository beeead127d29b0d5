package io.datawarehouse.it.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.it.platform.Places;
import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.boot.KernelOptions;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.plugin.PluginStatus;
import io.datawarehouse.plugin.memory.MemoryStoragePlugin;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.plugin.PluginState;
import io.datawarehouse.sdk.plugin.WarehousePlugin;
import jakarta.enterprise.inject.Any;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.jboss.weld.environment.se.Weld;
import org.jboss.weld.environment.se.WeldContainer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A plugin of somebody else: built outside of the reactor with {@code sdk-api} alone, found as a
 * CDI bean in its jar, started by the kernel, and reached over the bus.
 */
class ThirdPartyPluginIT {

  /** The question in a type of this side; the plugin's own has the same shape. */
  record Question(String name) {}

  /** The answer in a type of this side. */
  record Answer(String text) {}

  private static final Topic GREET = Topic.of("greeter.greet");

  private static Path jar = Path.of("");
  @TempDir Path data;

  @BeforeAll
  static void buildPlugin() throws Exception {
    jar =
        new OutsideProject(Places.work("third-party"))
            .build("third-party-plugin")
            .resolve("target/greeter-plugin.jar");
  }

  @Test
  void jarHoldsThePluginAndNothingOfTheProduct() throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      assertThat(file.stream().map(ZipEntry::getName))
          .contains("META-INF/beans.xml", "com/example/greeter/GreeterPlugin.class")
          .noneMatch(name -> name.startsWith("io/"));
    }
  }

  @Test
  void pluginIsFoundStartedShownAndAnswers() throws IOException {
    try (PluginJar loader = new PluginJar(jar, getClass().getClassLoader());
        WeldContainer container = new Weld().setClassLoader(loader).initialize()) {
      Kernel kernel = start(container);
      try {
        assertThat(kernel.plugins().plugins())
            .filteredOn(status -> status.id().value().equals("greeter"))
            .singleElement()
            .satisfies(ThirdPartyPluginIT::isTheRunningGreeter);
        assertThat(kernel.topics())
            .filteredOn(topic -> topic.topic().equals(GREET.name()))
            .singleElement()
            .satisfies(topic -> assertThat(topic.handler()).contains("greeter"));

        Reply reply =
            kernel
                .bus()
                .request(Message.query(GREET, Payload.of(new Question("Ada"))).build())
                .toCompletableFuture()
                .join();

        assertThat(reply.as(Answer.class)).isEqualTo(new Answer("Good day, Ada!"));
        assertThat(reply.handledBy()).contains(kernel.nodeId());
      } finally {
        kernel.stop();
      }
      assertThat(kernel.plugins().plugins())
          .extracting(PluginStatus::state)
          .containsOnly(PluginState.STOPPED);
    }
  }

  private static void isTheRunningGreeter(PluginStatus status) {
    assertThat(status.name()).isEqualTo("Greeter");
    assertThat(status.version()).isEqualTo("1.4.0");
    assertThat(status.state()).isEqualTo(PluginState.RUNNING);
    assertThat(status.required()).isFalse();
  }

  /** Starts a kernel as the product does, with what the container found, and a store. */
  private Kernel start(WeldContainer container) {
    List<WarehousePlugin> plugins = new ArrayList<>();
    container.select(WarehousePlugin.class, Any.Literal.INSTANCE).forEach(plugins::add);
    assertThat(plugins).hasSize(1);
    plugins.add(new MemoryStoragePlugin());
    return Kernel.start(
        new KernelOptions(
            data,
            KernelConfig.of(
                Map.of("dw.storage.provider", "memory", "dw.plugin.greeter.words", "Good day")),
            Clock.systemUTC(),
            Thread::new),
        plugins);
  }
}
