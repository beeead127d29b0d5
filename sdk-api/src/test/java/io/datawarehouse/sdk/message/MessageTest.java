package io.datawarehouse.sdk.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTest {

  private static final Topic TOPIC = Topic.of("a.b");

  record Point(int x, Optional<String> name) {}

  record Nested(Point point, List<Point> points, Map<String, Set<Integer>> map) {}

  record Open(Object anything) {}

  enum Colour {
    RED {
      @Override
      boolean warm() {
        return true;
      }
    };

    abstract boolean warm();
  }

  static Stream<Object> immutableValues() {
    return Stream.of(
        "text",
        1,
        2.5,
        true,
        Bytes.utf8("x"),
        Instant.EPOCH,
        Colour.RED,
        List.of(1, "two"),
        Map.of("k", List.of()),
        Optional.of("x"),
        new Point(1, Optional.of("n")),
        new Nested(new Point(1, Optional.empty()), List.of(), Map.of("k", Set.of(1))),
        new Open("text"));
  }

  @ParameterizedTest
  @MethodSource("immutableValues")
  void immutableValuesTravelAsTheyAre(Object value) {
    assertThat(Payload.of(value).as(value.getClass())).isSameAs(value);
  }

  static Stream<Object> mutableValues() {
    return Stream.of(
        new byte[1],
        new Date(),
        new ArrayList<>(List.of(1)),
        new HashMap<>(Map.of("k", 1)),
        new HashSet<>(Set.of(1)),
        List.of(new Date()),
        Map.of("k", new ArrayList<>(List.of(1))),
        Optional.of(new Date()),
        new Open(new StringBuilder()),
        new Nested(new Point(1, Optional.empty()), new ArrayList<>(), Map.of()));
  }

  @ParameterizedTest
  @MethodSource("mutableValues")
  void whatCouldChangeAfterSendingIsRefused(Object value) {
    assertThatThrownBy(() -> Payload.of(value))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.PAYLOAD_MUTABLE));
  }

  @Test
  void headerNamesAreKeptInLowerCase() {
    Message message =
        Message.event(Topic.of("a.b"), Payload.empty()).headers(Map.of("X-Trace", "One")).build();

    assertThat(message.headers()).containsExactly(Map.entry("x-trace", "One"));
  }

  @ParameterizedTest
  @MethodSource("badHeaders")
  void headersThatAreNoneAreRefusedByName(Map<String, String> headers, String named) {
    assertThatThrownBy(() -> Message.event(Topic.of("a.b"), Payload.empty()).headers(headers))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("headers")
        .hasMessageContaining(named);
  }

  static Stream<Arguments> badHeaders() {
    return Stream.of(
        Arguments.of(Map.of("a", "1", "A", "2"), "twice"),
        Arguments.of(Map.of("", "1"), "1 to 128"),
        Arguments.of(Map.of("n".repeat(129), "1"), "1 to 128"),
        Arguments.of(Map.of("name", "line\nbreak"), "name"),
        Arguments.of(Map.of("name", "v".repeat(4097)), "4096"));
  }

  @Test
  void bytesDoNotChangeWithTheirSource() {
    byte[] source = {1, 2, 3};
    Bytes bytes = Bytes.copyOf(source);
    source[0] = 9;
    bytes.toArray()[1] = 9;

    assertThat(bytes.toArray()).containsExactly(1, 2, 3);
    assertThat(bytes.asByteBuffer().isReadOnly()).isTrue();
  }

  @Test
  void consequenceKeepsConversationTraceAndTheEarlierDeadline() {
    Instant deadline = Instant.parse("2026-01-01T00:00:00Z");
    TraceContext trace = TraceContext.start();
    Message first = Message.command(TOPIC, Payload.empty()).deadline(deadline).trace(trace).build();
    Message second = Message.query(TOPIC, Payload.empty()).causedBy(first).build();
    Message third =
        Message.event(TOPIC, Payload.empty())
            .causedBy(second)
            .deadline(deadline.plusSeconds(5))
            .build();

    assertThat(first.correlationId()).isEqualTo(first.id());
    assertThat(third.correlationId()).isEqualTo(first.id());
    assertThat(third.causationId()).contains(second.id());
    assertThat(third.deadline()).contains(deadline);
    assertThat(third.trace()).contains(trace);
  }

  @Test
  void badEnvelopesAreRefused() {
    Message.Builder builder = Message.command(TOPIC, Payload.empty());
    assertThatThrownBy(() -> builder.affinityKey("")).hasMessageContaining("affinityKey");
    assertThatThrownBy(() -> builder.timeout(Duration.ZERO)).hasMessageContaining("timeout");
    Map<String, String> headers = new HashMap<>();
    for (int i = 0; i < 65; i++) {
      headers.put("h" + i, "v");
    }
    assertThatThrownBy(() -> builder.headers(headers)).hasMessageContaining("headers");
  }

  @Test
  void idsAreUniqueAndReadable() {
    Set<MessageId> ids = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      MessageId id = MessageId.next();
      assertThat(MessageId.parse(id.toString())).isEqualTo(id);
      assertThat(ids.add(id)).isTrue();
    }
    assertThatThrownBy(() -> MessageId.parse("xyz")).hasMessageContaining("messageId");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra"
      })
  void traceparentThatCannotBeContinuedIsIgnored(String header) {
    assertThat(TraceContext.parse(header)).isEmpty();
  }

  @Test
  void traceparentIsReadAndWritten() {
    String header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    assertThat(TraceContext.parse(header).orElseThrow().traceparent()).isEqualTo(header);
    assertThat(TraceContext.parse(TraceContext.start().traceparent())).isPresent();
  }

  @Test
  void eventThatIsMarkedDurableSaysSoInAHeader() {
    Message event =
        Message.event(Topic.of("t"), Payload.empty()).headers(Map.of("a", "b")).durable().build();

    assertThat(event.durable()).isTrue();
    assertThat(event.headers()).isEqualTo(Map.of("a", "b", Message.DURABLE_HEADER, "true"));
    assertThat(Message.event(Topic.of("t"), Payload.empty()).build().durable()).isFalse();
    assertThat(Message.command(Topic.of("t"), Payload.empty()).durable().build().durable())
        .isFalse();
  }

  @Test
  void queryWithoutContentAndWhatIsMarkedMayBeHandledTwice() {
    Topic topic = Topic.of("t");
    Content content = Content.of(Bytes.empty(), "x/y");

    assertThat(Message.query(topic, Payload.empty()).build().idempotent()).isTrue();
    assertThat(Message.query(topic, Payload.empty()).content(content).build().idempotent())
        .isFalse();
    assertThat(Message.command(topic, Payload.empty()).build().idempotent()).isFalse();
    assertThat(Message.command(topic, Payload.empty()).idempotent().build().idempotent()).isTrue();
  }
}
