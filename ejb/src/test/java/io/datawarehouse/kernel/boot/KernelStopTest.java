package io.datawarehouse.kernel.boot;

import static io.datawarehouse.kernel.boot.KernelFixture.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.health.NodeConditions.Phase;
import io.datawarehouse.kernel.plugin.ScriptedPlugin;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KernelStopTest {

  private static final Topic TOPIC = Topic.of("test.topic");

  @TempDir Path parent;
  private KernelFixture fixture;
  private final List<String> journal = new CopyOnWriteArrayList<>();

  @BeforeEach
  void prepare() {
    fixture = new KernelFixture(parent);
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  @Test
  void stoppedKernelTakesNothingAndLetsTheDirectoryGo() {
    ScriptedPlugin plugin = new ScriptedPlugin("a", journal);
    Kernel kernel = fixture.serve(plugin);

    kernel.stop();
    kernel.stop();

    assertThat(kernel.stopping()).isTrue();
    assertThat(kernel.conditions().phase()).isEqualTo(Phase.STOPPED);
    assertThat(kernel.conditions().stalls()).isEmpty();
    assertThat(journal).containsExactly("start a", "stop a");
    assertThatThrownBy(() -> ask(kernel.bus(), Message.command(TOPIC, Payload.empty())))
        .hasMessageContaining("UNAVAILABLE");
    assertThat(fixture.serve().deadLetters().size()).isZero();
  }

  @Test
  void messageUnderWayIsAnsweredAndNewOnesAreRefusedBeforeThePluginStops() throws Exception {
    CountDownLatch handling = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Kernel kernel =
        fixture.serve(
            new ScriptedPlugin("a", journal)
                .onStart(
                    context ->
                        context
                            .bus()
                            .handle(
                                TOPIC,
                                HandlerOptions.defaults(),
                                MessageHandler.sync(
                                    message -> {
                                      handling.countDown();
                                      release.await();
                                      journal.add("answer");
                                      return Reply.of("done");
                                    }))));
    CompletionStage<Reply> underWay =
        kernel.bus().request(Message.command(TOPIC, Payload.empty()).build());
    handling.await();
    Thread stopping = new Thread(kernel::stop);
    stopping.start();
    // Nobody handles this topic, so that asking again and again fills no queue.
    Topic nobody = Topic.of("test.nobody");
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThatThrownBy(
                        () ->
                            kernel
                                .bus()
                                .request(Message.query(nobody, Payload.empty()).build())
                                .toCompletableFuture()
                                .join())
                    .hasMessageContaining("UNAVAILABLE"));
    assertThat(journal).containsExactly("start a");

    release.countDown();

    assertThat(underWay.toCompletableFuture().get(30, TimeUnit.SECONDS).as(String.class))
        .isEqualTo("done");
    stopping.join();
    assertThat(journal).endsWith("answer", "stop a");
  }

  @Test
  void handlersAreOffTheBusWhenThePluginStops() {
    AtomicReference<Kernel> kernel = new AtomicReference<>();
    AtomicBoolean there = new AtomicBoolean(true);
    kernel.set(
        fixture.serve(
            new ScriptedPlugin("a")
                .onStart(
                    context ->
                        context
                            .bus()
                            .handle(
                                TOPIC,
                                HandlerOptions.direct(),
                                MessageHandler.sync(message -> Reply.empty())))
                .onStop(
                    () ->
                        there.set(
                            kernel.get().topics().stream()
                                .anyMatch(topic -> topic.topic().equals(TOPIC.name()))))));

    kernel.get().stop();

    assertThat(there).isFalse();
  }

  @Test
  void tasksThatAPluginLeftRunningAreInterrupted() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Kernel kernel =
        fixture.serve(
            new ScriptedPlugin("a")
                .onStart(
                    context ->
                        context
                            .executor()
                            .execute(
                                () -> {
                                  running.countDown();
                                  try {
                                    new CountDownLatch(1).await();
                                  } catch (InterruptedException e) {
                                    interrupted.countDown();
                                  }
                                })));
    running.await();

    kernel.stop();

    interrupted.await();
  }

  /** What a handler may do with the content beside a message: pass it on in its reply. */
  @ParameterizedTest
  @EnumSource(HandlerOptions.Execution.class)
  void contentThatIsPassedOnIsOpenForWhoGetsTheReply(HandlerOptions.Execution execution)
      throws Exception {
    Kernel kernel =
        fixture.serve(
            new ScriptedPlugin("a")
                .onStart(
                    context ->
                        context
                            .bus()
                            .handle(
                                TOPIC,
                                HandlerOptions.defaults().withExecution(execution),
                                MessageHandler.sync(
                                    message ->
                                        Reply.of(
                                            message.payload(), message.content().orElseThrow())))));
    AtomicBoolean closed = new AtomicBoolean();

    Reply reply =
        ask(
            kernel.bus(),
            Message.command(TOPIC, Payload.of(Bytes.copyOf(new byte[] {9})))
                .content(Content.of(watched(closed), OptionalLong.of(3), "image/png")));

    try (Content content = reply.content().orElseThrow()) {
      assertThat(closed).isFalse();
      assertThat(content.stream().readAllBytes()).containsExactly(1, 2, 3);
    }
    assertThat(closed).isTrue();
  }

  private static InputStream watched(AtomicBoolean closed) {
    return new ByteArrayInputStream(new byte[] {1, 2, 3}) {
      @Override
      public void close() throws IOException {
        closed.set(true);
        super.close();
      }
    };
  }
}
