package io.datawarehouse.kernel.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageKind;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TraceContext;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

class DurableDeadLetterOfficeTest {

  private static final WarehouseException WHY =
      new WarehouseException(StandardErrorCode.NO_HANDLER, "nobody");

  private final TreeMap<String, Bytes> disk = new TreeMap<>();
  private final List<Message> sent = new ArrayList<>();
  private final List<String> subscribers = new ArrayList<>();
  private CompletionStage<Void> outcome = CompletableFuture.completedFuture(null);
  private DeadLetterStore store = open(100);
  private DeadLetterOffice office = officeOf(store);

  @Test
  void letterIsThereAfterARestart() {
    Message command =
        Message.command(Topic.of("gone.plugin"), Payload.of(Map.of("a", 1)))
            .affinityKey("key")
            .headers(Map.of("h", "v"))
            .build();
    store.keep(command, Optional.empty(), WHY);

    DeadLetter letter = restarted().list(Optional.empty(), 10).letters().get(0);

    assertThat(letter.messageId()).isEqualTo(command.id().toString());
    assertThat(letter.topic()).isEqualTo("gone.plugin");
    assertThat(letter.kind()).isEqualTo(MessageKind.COMMAND);
    assertThat(letter.code()).isEqualTo("NO_HANDLER");
    assertThat(letter.reason()).isEqualTo("nobody");
    assertThat(letter.attempts()).isEqualTo(1);
    assertThat(letter.affinityKey()).contains("key");
    assertThat(letter.headers()).isEqualTo(Map.of("h", "v"));
    assertThat(letter.payload().asUtf8()).isEqualTo("{\"a\":1}");
  }

  @Test
  void payloadLargerThanTheMapsValuesIsKeptWhole() {
    Bytes large = Bytes.copyOf(new byte[1_500_000]);
    store.keep(Message.command(Topic.of("a.b"), Payload.of(large)).build(), Optional.empty(), WHY);

    assertThat(disk.values()).allSatisfy(value -> assertThat(value.size()).isLessThan(1 << 20));
    assertThat(restarted().list(Optional.empty(), 1).letters().get(0).payload()).isEqualTo(large);
  }

  @Test
  void chunksWithoutTheirLetterAreRemovedAtStart() {
    disk.put("payload.0000.0000", Bytes.utf8("left by a crash"));

    open(100);

    assertThat(disk).isEmpty();
  }

  @Test
  void listGoesOnAfterALetter() {
    for (int i = 0; i < 5; i++) {
      keep("number " + i);
    }
    List<DeadLetter> first = office.list(Optional.empty(), 2).letters();
    List<DeadLetter> rest = office.list(Optional.of(first.get(1).id()), 10).letters();

    assertThat(first).hasSize(2);
    assertThat(rest).hasSize(3);
    assertThat(texts(first)).containsExactly("\"number 0\"", "\"number 1\"");
    assertThat(texts(rest)).containsExactly("\"number 2\"", "\"number 3\"", "\"number 4\"");
  }

  @Test
  void retryThatSucceedsRemovesTheLetter() {
    keep("again");
    String id = office.list(Optional.empty(), 1).letters().get(0).id();

    office.retry(id).toCompletableFuture().join();

    assertThat(sent)
        .singleElement()
        .satisfies(m -> assertThat(m.payload().as(String.class)).isEqualTo("again"));
    assertThat(office.size()).isZero();
    assertThat(disk).isEmpty();
  }

  @Test
  void retryOfAnEventGoesToTheSubscriberThatMissedIt() {
    store.keep(Message.event(Topic.of("a.b"), Payload.of("e")).build(), Optional.of("p:a.*"), WHY);

    office
        .retry(office.list(Optional.empty(), 1).letters().get(0).id())
        .toCompletableFuture()
        .join();

    assertThat(subscribers).containsExactly("p:a.*");
  }

  @Test
  void retryThatFailsKeepsTheLetterWithTheNewReason() {
    keep("again");
    String id = office.list(Optional.empty(), 1).letters().get(0).id();
    outcome =
        CompletableFuture.failedFuture(
            new WarehouseException(StandardErrorCode.BULKHEAD_FULL, "busy"));

    assertThatThrownBy(() -> office.retry(id).toCompletableFuture().join())
        .hasCauseInstanceOf(WarehouseException.class)
        .hasMessageContaining("busy");

    DeadLetter letter = restarted().find(id).orElseThrow();
    assertThat(letter.attempts()).isEqualTo(2);
    assertThat(letter.code()).isEqualTo("BULKHEAD_FULL");
    assertThat(letter.payload().asUtf8()).isEqualTo("\"again\"");
  }

  @Test
  void messageIsSentAgainAsTheSameMessage() {
    TraceContext trace = TraceContext.start();
    Message first = Message.command(Topic.of("a.b"), Payload.empty()).build();
    Message command =
        Message.command(Topic.of("a.c"), Payload.of("x")).causedBy(first).trace(trace).build();
    store.keep(command, Optional.empty(), WHY);
    office = officeOf(open(100));

    office
        .retry(office.list(Optional.empty(), 1).letters().get(0).id())
        .toCompletableFuture()
        .join();

    assertThat(sent)
        .singleElement()
        .satisfies(
            again -> {
              assertThat(again.id()).isEqualTo(command.id());
              assertThat(again.correlationId()).isEqualTo(first.id());
              assertThat(again.trace()).contains(trace);
            });
  }

  @Test
  void letterWhoseSendingThrewCanBeSentAgain() {
    keep("again");
    String id = office.list(Optional.empty(), 1).letters().get(0).id();
    disk.keySet().removeIf(key -> key.startsWith("payload."));
    assertThatThrownBy(() -> office.retry(id).toCompletableFuture().join())
        .hasMessageContaining(id);

    disk.put("payload." + id + ".0000", Bytes.utf8("\"again\""));
    office.retry(id).toCompletableFuture().join();

    assertThat(sent).hasSize(1);
  }

  @Test
  void unknownLetterIsNotFoundHoweverOftenItIsAskedFor() {
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> office.retry("000000").toCompletableFuture().join())
          .hasMessageContaining("there is no dead letter '000000'");
    }
  }

  @Test
  void letterWithoutItsPayloadIsRemovedAtStart() {
    keep("lost");
    keep("whole");
    String lost = office.list(Optional.empty(), 1).letters().get(0).id();
    disk.keySet().removeIf(key -> key.startsWith("payload." + lost));

    assertThat(texts(restarted().list(Optional.empty(), 10).letters()))
        .containsExactly("\"whole\"");
    assertThat(disk.keySet()).noneMatch(key -> key.contains(lost));
  }

  @Test
  void letterThatWasDeletedMeanwhileDoesNotComeBack() {
    keep("again");
    String id = office.list(Optional.empty(), 1).letters().get(0).id();
    CompletableFuture<Void> underWay = new CompletableFuture<>();
    outcome = underWay;
    CompletionStage<Void> retry = office.retry(id);

    assertThat(office.delete(id)).isTrue();
    underWay.completeExceptionally(WHY);

    assertThatThrownBy(() -> retry.toCompletableFuture().join()).hasMessageContaining("nobody");
    assertThat(disk).isEmpty();
    assertThat(restarted().size()).isZero();
  }

  @Test
  void whateverAMessageMayHoldIsKept() {
    Map<String, String> headers = new HashMap<>();
    for (int i = 0; i < 64; i++) {
      headers.put(("n" + i + "x".repeat(128)).substring(0, 128), "\uffff".repeat(4096));
    }
    store.keep(
        Message.command(Topic.of("a.b"), Payload.of("x"))
            .headers(headers)
            .affinityKey("\uffff".repeat(1200))
            .build(),
        Optional.empty(),
        new WarehouseException(StandardErrorCode.HANDLER_FAILED, "why".repeat(1_000_000)));

    assertThat(disk.values()).allSatisfy(value -> assertThat(value.size()).isLessThan(1 << 20));
    DeadLetter letter = restarted().list(Optional.empty(), 1).letters().get(0);
    assertThat(letter.headers()).isEqualTo(headers);
    assertThat(letter.reason()).startsWith("whywhy").endsWith("...");
  }

  @Test
  void letterIsNotSentTwiceAtTheSameTime() {
    keep("again");
    String id = office.list(Optional.empty(), 1).letters().get(0).id();
    CompletableFuture<Void> underWay = new CompletableFuture<>();
    outcome = underWay;
    CompletionStage<Void> first = office.retry(id);

    assertThatThrownBy(() -> office.retry(id).toCompletableFuture().join())
        .hasMessageContaining("already");
    underWay.complete(null);

    assertThat(first.toCompletableFuture()).isCompleted();
    assertThat(sent).hasSize(1);
  }

  @Test
  void unknownLetterIsNotFound() {
    assertThatThrownBy(() -> office.retry("0").toCompletableFuture().join())
        .hasMessageContaining("NOT_FOUND");
    assertThat(office.delete("0")).isFalse();
    assertThat(office.find("0")).isEmpty();
  }

  @Test
  void deletedLetterLeavesNothing() {
    keep("gone");
    assertThat(office.delete(office.list(Optional.empty(), 1).letters().get(0).id())).isTrue();
    assertThat(disk).isEmpty();
    assertThat(office.size()).isZero();
  }

  @Test
  void oldestMakeRoomWhenThereAreTooMany() {
    store = open(3);
    office = officeOf(store);
    for (int i = 0; i < 5; i++) {
      keep("number " + i);
    }

    assertThat(texts(office.list(Optional.empty(), 10).letters()))
        .containsExactly("\"number 2\"", "\"number 3\"", "\"number 4\"");
  }

  @Test
  void pageEndsAfterSomeBytesAndSaysThatThereIsMore() {
    for (int i = 0; i < 3; i++) {
      keepBytes(2 << 20);
    }
    keepBytes(5 << 20);

    DeadLetterPage first = office.list(Optional.empty(), 10);
    DeadLetterPage second = office.list(first.next(), 10);
    DeadLetterPage third = office.list(second.next(), 10);

    assertThat(first.letters()).hasSize(2);
    assertThat(first.next()).contains(first.letters().get(1).id());
    assertThat(second.letters()).hasSize(1);
    assertThat(second.next()).isPresent();
    assertThat(third.letters()).hasSize(1);
    assertThat(third.next()).isEmpty();
  }

  @Test
  void pageThatIsFullWithTheLastLetterHasNoNext() {
    keep("one");
    keep("two");

    assertThat(office.list(Optional.empty(), 2).next()).isEmpty();
    assertThat(office.list(Optional.empty(), 1).next()).isPresent();
  }

  @Test
  void damagedLetterIsLeftOutOfTheListing() {
    keep("damaged");
    keep("whole");
    disk.put(disk.ceilingKey("letter."), Bytes.utf8("{"));

    DeadLetterPage page = office.list(Optional.empty(), 10);

    assertThat(texts(page.letters())).containsExactly("\"whole\"");
    assertThat(page.next()).isEmpty();
  }

  private void keepBytes(int size) {
    Payload payload = Payload.of(Bytes.copyOf(new byte[size]));
    store.keep(Message.command(Topic.of("a.b"), payload).build(), Optional.empty(), WHY);
  }

  private void keep(String text) {
    store.keep(Message.command(Topic.of("a.b"), Payload.of(text)).build(), Optional.empty(), WHY);
  }

  private static List<String> texts(List<DeadLetter> letters) {
    return letters.stream().map(letter -> letter.payload().asUtf8()).toList();
  }

  private DeadLetterOffice restarted() {
    return officeOf(open(100));
  }

  private DeadLetterOffice officeOf(DeadLetterStore opened) {
    return new DurableDeadLetterOffice(
        opened,
        new DurableDeadLetterOffice.Redelivery() {
          @Override
          public CompletionStage<Void> resend(Message command) {
            sent.add(command);
            return outcome;
          }

          @Override
          public CompletionStage<Void> redeliver(Message event, String subscriber) {
            sent.add(event);
            subscribers.add(subscriber);
            return outcome;
          }
        },
        Json.codec(),
        clock());
  }

  private DeadLetterStore open(int capacity) {
    return new DeadLetterStore(
        new MapStorage(disk), Json.codec(), clock(), new NoMetrics(), capacity);
  }

  private static Clock clock() {
    return Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);
  }

  /** A map that several stores can share, as they would a disk. */
  private record MapStorage(TreeMap<String, Bytes> disk) implements KernelStorage {
    @Override
    public Optional<Bytes> get(String key) {
      return Optional.ofNullable(disk.get(key));
    }

    @Override
    public void put(String key, Bytes value) {
      disk.put(key, value);
    }

    @Override
    public boolean delete(String key) {
      return disk.remove(key) != null;
    }

    @Override
    public List<String> keys(String prefix) {
      return disk.keySet().stream().filter(key -> key.startsWith(prefix)).toList();
    }
  }

  private static final class NoMetrics implements Metrics {
    @Override
    public Counter counter(String name, String help, Map<String, String> tags) {
      return amount -> {};
    }

    @Override
    public Timer timer(String name, String help, Map<String, String> tags) {
      return nanos -> {};
    }

    @Override
    public void gauge(String name, String help, Map<String, String> tags, DoubleSupplier value) {}
  }
}
