package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.StorageMessages.ProbeResult;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BlobServiceTest extends BlobServiceFixture {

  /** Fixed for ever: it says where stored blobs are looked for. */
  private static final int SEGMENT_OF_BUCKET_KEY = 101;

  @Test
  void answersAllStorageTopicsOnTheCallersThread() {
    assertThat(bus.handlers)
        .containsOnlyKeys(
            StorageTopics.BUCKET_CREATE,
            StorageTopics.BUCKET_PIPELINE,
            StorageTopics.BUCKET_SHARDING,
            StorageTopics.BUCKET_DESCRIBE,
            StorageTopics.BUCKET_LIST,
            StorageTopics.BUCKET_DELETE,
            StorageTopics.WRITE,
            StorageTopics.READ,
            StorageTopics.DESCRIBE,
            StorageTopics.DELETE,
            StorageTopics.LIST,
            StorageTopics.PROBE);
    assertThat(bus.options.values()).containsOnly(HandlerOptions.direct());
  }

  @Test
  void leavesTheBusWhenItIsClosed() {
    service.close();
    service.close();

    assertThat(bus.handlers).isEmpty();
    assertThatThrownBy(() -> service.register(bus)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void registersAllOrNothing() {
    FakeBus taken = new FakeBus();
    MessageHandler other = MessageHandler.sync(message -> Reply.empty());
    try (Registration registration =
        taken.handle(StorageTopics.LIST, HandlerOptions.direct(), other)) {
      BlobService second =
          new BlobService(new BlobService.Options(store, "fake", NODE, clock, metrics));

      failure(StandardErrorCode.DUPLICATE_HANDLER, () -> second.register(taken));

      assertThat(registration).isNotNull();
      assertThat(taken.handlers).containsOnlyKeys(StorageTopics.LIST);
    }
  }

  @Test
  void probesTheStore() {
    ProbeResult result =
        ask(Message.query(StorageTopics.PROBE, Payload.empty()).build()).as(ProbeResult.class);

    assertThat(result.provider()).isEqualTo("fake");
    assertThat(result.tookMicros().orElse(-1)).isNotNegative();
    assertThat(store.probes).hasValue(1);
  }

  @Test
  void tellsWhatWasWrittenAndDeleted() {
    bucket();
    Message command =
        Message.command(StorageTopics.WRITE, Payload.of(writeOf("key")))
            .content(content("one"))
            .build();
    ask(command);
    BlobManifest written = describe("key");
    delete("key", WriteCondition.none());

    assertThat(bus.events)
        .extracting(Message::topic)
        .containsExactly(StorageTopics.WRITTEN, StorageTopics.DELETED);
    assertThat(bus.events)
        .allSatisfy(
            event -> {
              assertThat(event.payload().as(BlobManifest.class)).isEqualTo(written);
              assertThat(event.affinityKey()).hasValue("bucket/key");
            });
    assertThat(bus.events.get(0).causationId()).hasValue(command.id());
    assertThat(bus.events.get(0).correlationId()).isEqualTo(command.correlationId());
  }

  @Test
  void tellsNothingOfWhatWasNotStored() {
    bucket();

    failure(
        StandardErrorCode.PRECONDITION_FAILED,
        () -> write(writeOf("key", ifMatch("*"), Optional.empty()), content("one")));

    assertThat(bus.events).isEmpty();
  }

  @Test
  void anAcknowledgedChangeStaysSoWhereNobodyCanBeTold() {
    bucket();
    bus.stopping = true;

    put("key", "one");
    assertThat(get("key")).isEqualTo("one");
    delete("key", WriteCondition.none());

    assertThat(exists("key")).isFalse();
    assertThat(bus.events).isEmpty();
  }

  @Test
  void countsWhatItDoes() {
    bucket();
    put("key", "12345");
    get("key");
    get("key");
    delete("key", WriteCondition.none());
    failure(StandardErrorCode.NO_SUCH_BLOB, () -> get("key"));

    assertThat(metrics.count("storage.blobs.written")).isEqualTo(1);
    assertThat(metrics.count("storage.written.bytes")).isEqualTo(5);
    assertThat(metrics.count("storage.blobs.read")).isEqualTo(2);
    assertThat(metrics.count("storage.read.bytes")).isEqualTo(10);
    assertThat(metrics.count("storage.blobs.deleted")).isEqualTo(1);
    assertThat(metrics.count("storage.operation.duration", Map.of("operation", "read")))
        .isEqualTo(3);
    assertThat(
            metrics.count("storage.failures", Map.of("operation", "read", "code", "NO_SUCH_BLOB")))
        .isEqualTo(1);
  }

  @Test
  void segmentsNeverChangeAndSpreadKeys() {
    assertThat(ShardMap.HASHED.segmentOf(new BucketName("bucket"), "key"))
        .isEqualTo(SEGMENT_OF_BUCKET_KEY);
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < 4_000; i++) {
      int segment = ShardMap.HASHED.segmentOf(new BucketName("bucket"), "key" + i);
      assertThat(segment).isBetween(0, 255);
      seen.add(segment);
    }
    assertThat(seen).hasSize(256);
  }
}
