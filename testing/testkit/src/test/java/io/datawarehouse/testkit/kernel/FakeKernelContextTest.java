package io.datawarehouse.testkit.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FakeKernelContextTest {

  private static final Topic TOPIC = Topic.of("a.b");

  @TempDir private static Path directory;

  private final FakeKernelContext context =
      new FakeKernelContext("fake", directory, Map.of("size", "2MiB", "wait", "5m", "empty", ""));

  @AfterEach
  void close() {
    context.close();
  }

  @Test
  void movesItsClockOnlyByHand() {
    Instant start = context.clock().instant();
    Clock other = context.clock().withZone(ZoneId.of("Asia/Tokyo"));
    assertThat(context.clock().advance(Duration.ofSeconds(90))).isEqualTo(start.plusSeconds(90));
    assertThat(other.instant()).isEqualTo(start.plusSeconds(90));
    context.clock().set(Instant.EPOCH);
    assertThat(other.millis()).isZero();
  }

  @Test
  void readsConfigurationLikeTheKernel() {
    MapPluginConfig config = context.config();
    assertThat(config.bytes("size", 1, 0, 1L << 40)).isEqualTo(2 << 20);
    assertThat(config.bytes("other", 7, 0, 10)).isEqualTo(7);
    assertThat(config.duration("wait", Duration.ZERO)).isEqualTo(Duration.ofMinutes(5));
    assertThat(config.find("empty")).isEmpty();
    assertThat(config.names()).contains("size", "wait");
    config.set("flag", "true");
    assertThat(config.flag("flag", false)).isTrue();
    config.set("iso", "PT0.5S");
    assertThat(config.duration("iso", Duration.ZERO)).isEqualTo(Duration.ofMillis(500));
    config.set("plain", "12");
    assertThat(config.number("plain", 0, 0, 12)).isEqualTo(12);
    assertInvalid("plain", () -> config.number("plain", 0, 0, 11));
    assertInvalid("size", () -> config.number("size", 0, 0, 11));
    assertInvalid("wait", () -> config.bytes("wait", 0, 0, 11));
    assertInvalid("wait", () -> config.flag("wait", true));
    assertInvalid("size", () -> config.duration("size", Duration.ZERO));
  }

  private static void assertInvalid(String name, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> {
              assertThat(e.code()).isEqualTo(StandardErrorCode.CONFIG_INVALID);
              assertThat(e).hasMessageContaining("dw.plugin.fake." + name);
            });
  }

  @Test
  void keepsStateByKey() {
    context.storage().put("b", Bytes.utf8("1"));
    context.storage().put("ba", Bytes.utf8("2"));
    context.storage().put("c", Bytes.utf8("3"));
    assertThat(context.storage().keys("b")).containsExactly("b", "ba");
    assertThat(context.storage().keys("")).hasSize(3);
    assertThat(context.storage().delete("b")).isTrue();
    assertThat(context.storage().delete("b")).isFalse();
    assertThat(context.storage().get("c")).contains(Bytes.utf8("3"));
    assertThatThrownBy(() -> context.storage().get("")).isInstanceOf(WarehouseException.class);
  }

  @Test
  void callsHandlersAtOnce() {
    Message command = Message.command(TOPIC, Payload.of("x")).build();
    assertThatThrownBy(() -> context.bus().request(command).toCompletableFuture().join())
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining("NO_HANDLER");
    Registration registration =
        context
            .bus()
            .handle(
                TOPIC,
                HandlerOptions.defaults(),
                MessageHandler.sync(message -> Reply.of(message.payload().as(String.class) + "!")));
    Reply reply = context.bus().request(command).toCompletableFuture().join();
    assertThat(reply.as(String.class)).isEqualTo("x!");
    assertThatThrownBy(
            () ->
                context
                    .bus()
                    .handle(TOPIC, HandlerOptions.defaults(), MessageHandler.sync(m -> reply)))
        .hasMessageContaining("a.b");
    registration.close();
    assertThat(context.bus().request(command)).isCompletedExceptionally();
  }

  @Test
  void remembersEventsAndWhatSubscribersThrow() {
    List<Message> heard = new ArrayList<>();
    SubscriberOptions options = SubscriberOptions.defaults();
    context.bus().subscribe(TopicPattern.of("a.*"), options, heard::add);
    context
        .bus()
        .subscribe(
            TopicPattern.of("**"),
            options,
            event -> {
              throw new IllegalStateException("deaf");
            });
    Message event = Message.event(TOPIC, Payload.empty()).build();
    context.bus().publish(event);
    context.bus().publish(Message.event(Topic.of("c"), Payload.empty()).build());
    assertThat(heard).containsExactly(event);
    assertThat(context.bus().events()).hasSize(2);
    assertThat(context.bus().failures()).hasSize(2);
  }

  @Test
  void showsWhatWasMeasured() {
    context.metrics().counter("c", "help", Map.of()).add(2);
    context.metrics().counter("c", "help", Map.of()).increment();
    context.metrics().counter("c", "help", Map.of("k", "v")).increment();
    context.metrics().timer("t", "help", Map.of()).record(5);
    context.metrics().gauge("g", "help", Map.of(), () -> 4);
    assertThat(context.metrics().count("c")).isEqualTo(3);
    assertThat(context.metrics().count("c", Map.of("k", "v"))).isEqualTo(1);
    assertThat(context.metrics().count("none")).isZero();
    assertThat(context.metrics().timings("t")).isEqualTo(1);
    assertThat(context.metrics().gauge("g")).isEqualTo(4);
    assertThat(context.metrics().gauge("none")).isNaN();
  }

  @Test
  void runsWorkOnItsOwnThreads() throws Exception {
    Thread worker = context.executor().submit(Thread::currentThread).get(1, TimeUnit.MINUTES);
    assertThat(worker).isNotSameAs(Thread.currentThread());
    CapabilityName storage = new CapabilityName("storage");
    assertThat(context.provides(storage)).isFalse();
    context.provide(storage);
    assertThat(context.provides(storage)).isTrue();
    assertThat(context.cluster()).isEmpty();
  }
}
