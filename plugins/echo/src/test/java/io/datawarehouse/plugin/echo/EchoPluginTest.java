package io.datawarehouse.plugin.echo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts the plugin as the kernel does, in a context that the test can look into. */
class EchoPluginTest {

  /** A message of the test's own: the plugin needs not know its type. */
  record Greeting(String text) {}

  private FakeKernelContext context;
  private final EchoPlugin plugin = new EchoPlugin();

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    context = new FakeKernelContext("echo", directory, Map.of());
    plugin.start(context);
  }

  @AfterEach
  void stop() throws Exception {
    plugin.stop();
    context.close();
  }

  @Test
  void commandIsAnsweredWithItsPayload() {
    Payload payload = Payload.of(new Greeting("hello"));

    assertThat(answerTo(Message.command(EchoPlugin.PING, payload)).payload()).isSameAs(payload);
  }

  @Test
  void queryIsAnsweredWithItsPayload() {
    Payload payload =
        Payload.of("text/plain", Bytes.copyOf("hello".getBytes(StandardCharsets.UTF_8)));

    assertThat(answerTo(Message.query(EchoPlugin.PING, payload)).payload()).isSameAs(payload);
  }

  @Test
  void contentBesideTheMessageComesBackUnread() throws Exception {
    Bytes bytes = Bytes.copyOf(new byte[] {1, 2, 3});

    Reply reply =
        answerTo(
            Message.command(EchoPlugin.PING, Payload.empty())
                .content(Content.of(bytes, "image/png")));

    try (Content content = reply.content().orElseThrow()) {
      assertThat(content.contentType()).isEqualTo("image/png");
      assertThat(content.stream().readAllBytes()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void pluginHasNoEffectBeforeItIsStarted() {
    EchoPlugin fresh = new EchoPlugin();

    assertThat(fresh.manifest().id().value()).isEqualTo("echo");
    assertThatThrownBy(fresh::onStart)
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("has not been started");
  }

  private Reply answerTo(Message.Builder message) {
    return context.bus().request(message.build()).toCompletableFuture().join();
  }
}
