package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.ByteRange;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.StorageMessages.BlobDeleted;
import io.datawarehouse.sdk.blob.StorageMessages.BlobListing;
import io.datawarehouse.sdk.blob.StorageMessages.BlobWritten;
import io.datawarehouse.sdk.blob.StorageMessages.BucketCreated;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBlob;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBlob;
import io.datawarehouse.sdk.blob.StorageMessages.ListBlobs;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A blob service over a store in memory, and short words for what tests ask of it. */
abstract class BlobServiceFixture {

  static final NodeId NODE = new NodeId("node-1");
  static final String BUCKET = "bucket";
  static final Instant START = Instant.parse("2026-03-01T10:00:00.123456Z");

  private static final Executor DIGESTERS =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "digester");
            thread.setDaemon(true);
            return thread;
          });

  final FakeStore store = new FakeStore();
  final FakeBus bus = new FakeBus();
  final CountingMetrics metrics = new CountingMetrics();
  final SettableClock clock = new SettableClock(START);
  final AtomicInteger openContents = new AtomicInteger();
  final BlobService service =
      new BlobService(
          new BlobService.Options(store, "fake", NODE, clock, metrics, DIGESTERS, pipelines()));

  /** Returns what content goes through; called once, before the test's own fields are set. */
  ContentPipelines pipelines() {
    return ContentPipelines.none();
  }

  /** A clock that a test sets. */
  static final class SettableClock extends Clock {
    private volatile Instant now;

    SettableClock(Instant now) {
      this.now = now;
    }

    void advance(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new AssertionError("nobody needs a zone");
    }
  }

  @BeforeEach
  void register() {
    service.register(bus);
  }

  @AfterEach
  void nothingStaysOpen() {
    assertThat(store.openReaders).as("open readers").hasValue(0);
    assertThat(store.openWriters).as("open writers").hasValue(0);
    assertThat(store.openCursors).as("open cursors").hasValue(0);
    assertThat(openContents).as("open contents").hasValue(0);
  }

  Reply ask(Message message) {
    try {
      return bus.request(message).toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  Reply command(Topic topic, Object payload) {
    return ask(Message.command(topic, Payload.of(payload)).build());
  }

  Reply query(Topic topic, Object payload) {
    return ask(Message.query(topic, Payload.of(payload)).build());
  }

  BucketCreated createBucket(String name, BucketSettings settings) {
    return command(StorageTopics.BUCKET_CREATE, new CreateBucket(new BucketName(name), settings))
        .as(BucketCreated.class);
  }

  void bucket() {
    createBucket(BUCKET, BucketSettings.none());
  }

  void bucketWithQuota(long bytes) {
    createBucket(BUCKET, quota(bytes));
  }

  static BucketSettings quota(long bytes) {
    BucketSettings none = BucketSettings.none();
    return new BucketSettings(
        none.replicationFactor(),
        none.writeQuorum(),
        none.replication(),
        none.conflictResolver(),
        none.sharding(),
        none.pipeline(),
        none.versioning(),
        OptionalLong.of(bytes),
        none.retention());
  }

  static WriteBlob writeOf(String key) {
    return writeOf(key, WriteCondition.none(), Optional.empty());
  }

  static WriteBlob writeOf(String key, WriteCondition condition, Optional<String> context) {
    return new WriteBlob(
        new BucketName(BUCKET), key, "text/plain", Map.of(), List.of(), condition, context);
  }

  /** Returns content that counts whether it is open. */
  Content content(InputStream stream, OptionalLong length) {
    openContents.incrementAndGet();
    return Content.of(
        new FilterInputStream(stream) {
          private boolean closed;

          @Override
          public void close() throws IOException {
            if (!closed) {
              closed = true;
              openContents.decrementAndGet();
            }
            super.close();
          }
        },
        length,
        "text/plain");
  }

  Content content(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return content(new ByteArrayInputStream(bytes), OptionalLong.of(bytes.length));
  }

  BlobWritten write(WriteBlob command, Content content) {
    return ask(Message.command(StorageTopics.WRITE, Payload.of(command))
            .affinityKey(command.blobKey().affinityKey())
            .content(content)
            .build())
        .as(BlobWritten.class);
  }

  BlobManifest put(String key, String text) {
    return write(writeOf(key), content(text)).manifest();
  }

  Reply read(String key, Optional<ByteRange> range, ReadCondition condition) {
    return query(StorageTopics.READ, new ReadBlob(new BucketName(BUCKET), key, range, condition));
  }

  String get(String key) {
    return text(read(key, Optional.empty(), ReadCondition.none()));
  }

  static String text(Reply reply) {
    try (Content content = reply.content().orElseThrow()) {
      return new String(content.stream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  BlobManifest describe(String key) {
    return query(StorageTopics.DESCRIBE, new DescribeBlob(new BucketName(BUCKET), key))
        .as(BlobManifest.class);
  }

  boolean exists(String key) {
    return store.findManifest(BlobKey.of(BUCKET, key)).isPresent();
  }

  BlobDeleted delete(String key, WriteCondition condition) {
    return command(
            StorageTopics.DELETE,
            new DeleteBlob(new BucketName(BUCKET), key, condition, Optional.empty()))
        .as(BlobDeleted.class);
  }

  BlobListing list(ListBlobs query) {
    return query(StorageTopics.LIST, query).as(BlobListing.class);
  }

  static WarehouseException failure(ErrorCode code, ThrowingCallable call) {
    WarehouseException thrown = Assertions.catchThrowableOfType(WarehouseException.class, call);
    assertThat(thrown).as("what the call throws").isNotNull();
    assertThat(thrown.code()).as(thrown.detail()).isEqualTo(code);
    return thrown;
  }

  static WriteCondition ifMatch(String... tags) {
    return new WriteCondition(List.of(tags), List.of());
  }

  static WriteCondition ifNoneMatch(String... tags) {
    return new WriteCondition(List.of(), List.of(tags));
  }

  static String sha256(String text) {
    return HexFormat.of().formatHex(hash("SHA-256", text).toArray());
  }

  static Bytes hash(String javaAlgorithm, String text) {
    try {
      return Bytes.copyOf(
          MessageDigest.getInstance(javaAlgorithm).digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
