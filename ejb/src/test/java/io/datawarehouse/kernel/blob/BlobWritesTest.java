package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.ContentDigest;
import io.datawarehouse.sdk.blob.StorageMessages.BlobWritten;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBlob;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlobWritesTest extends BlobServiceFixture {

  private static final String TEXT = "the quick brown fox";

  @BeforeEach
  void makeBucket() {
    bucket();
  }

  private static WriteBlob announcing(ContentDigest... digests) {
    return new WriteBlob(
        new BucketName(BUCKET),
        "key",
        "text/plain",
        Map.of("colour", "red"),
        List.of(digests),
        WriteCondition.none(),
        Optional.empty());
  }

  private static ContentDigest digest(String algorithm, String text) {
    return new ContentDigest(
        algorithm, hash(ContentDigest.javaAlgorithm(algorithm).orElseThrow(), text));
  }

  /** A body that fails after its first bytes. */
  private static InputStream failingAfter(String text, Exception failure) {
    return new InputStream() {
      private final InputStream begin =
          new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));

      @Override
      public int read() throws IOException {
        int value = begin.read();
        if (value >= 0) {
          return value;
        }
        if (failure instanceof IOException e) {
          throw e;
        }
        throw (RuntimeException) failure;
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        int value = read();
        target[offset] = (byte) value;
        return 1;
      }
    };
  }

  /** A body whose reading is an error of the test. */
  private static InputStream untouchable() {
    return new InputStream() {
      @Override
      public int read() {
        throw new AssertionError("the body is read although nothing can come of it");
      }
    };
  }

  @Test
  void storesContentAndManifest() {
    BlobWritten written = write(announcing(), content(TEXT));

    assertThat(written.created()).isTrue();
    BlobManifest manifest = written.manifest();
    assertThat(manifest.size()).isEqualTo(TEXT.length());
    assertThat(manifest.storedSize()).isEqualTo(TEXT.length());
    assertThat(manifest.contentType()).isEqualTo("text/plain");
    assertThat(manifest.etag()).isEqualTo(sha256(TEXT));
    assertThat(manifest.createdAt()).isEqualTo(Instant.parse("2026-03-01T10:00:00.123Z"));
    assertThat(manifest.lastModified()).isEqualTo(manifest.createdAt());
    assertThat(manifest.tags()).containsExactly(Map.entry("colour", "red"));
    assertThat(manifest.owners()).containsExactly(NODE);
    assertThat(manifest.pipeline()).isEmpty();
    assertThat(manifest.deleted()).isFalse();
    assertThat(get("key")).isEqualTo(TEXT);
    assertThat(describe("key")).isEqualTo(manifest);
  }

  @Test
  void storesContentOfManyPieces() {
    byte[] bytes = new byte[3_000_003];
    new Random(7).nextBytes(bytes);
    String latin1 = new String(bytes, StandardCharsets.ISO_8859_1);

    write(
        writeOf("large"),
        content(
            new ByteArrayInputStream(latin1.getBytes(StandardCharsets.UTF_8)),
            OptionalLong.empty()));

    assertThat(get("large")).isEqualTo(latin1);
    assertThat(describe("large").etag()).isEqualTo(sha256(latin1));
  }

  @Test
  void storesEmptyContent() {
    assertThat(put("empty", "").etag()).isEqualTo(sha256(""));
    assertThat(get("empty")).isEmpty();
  }

  @Test
  void overwritingKeepsTheTimeOfCreation() {
    BlobManifest first = put("key", "one");
    clock.advance(Duration.ofMinutes(5));

    BlobWritten second = write(writeOf("key"), content("two"));

    assertThat(second.created()).isFalse();
    assertThat(second.manifest().createdAt()).isEqualTo(first.createdAt());
    assertThat(second.manifest().lastModified())
        .isEqualTo(first.lastModified().plus(Duration.ofMinutes(5)));
  }

  @Test
  void timeOfChangeNeverGoesBackWithTheClock() {
    BlobManifest first = put("key", "one");
    clock.advance(Duration.ofMinutes(-5));

    assertThat(put("key", "two").lastModified()).isEqualTo(first.lastModified());
  }

  @Test
  void acceptsAnnouncedDigests() {
    write(announcing(digest("sha-256", TEXT), digest("sha-512", TEXT)), content(TEXT));

    assertThat(get("key")).isEqualTo(TEXT);
  }

  @Test
  void storesNothingWhereAnyDigestDiffers() {
    put("key", "before");
    WriteBlob command = announcing(digest("sha-256", TEXT), digest("sha-512", "other"));

    WarehouseException refused =
        failure(StandardErrorCode.DIGEST_MISMATCH, () -> write(command, content(TEXT)));

    assertThat(refused.detail()).contains("sha-512").doesNotContain("sha-256");
    assertThat(get("key")).isEqualTo("before");
  }

  @Test
  void judgesContradictoryDigestsOfOneAlgorithmEach() {
    WriteBlob command = announcing(digest("sha-256", TEXT), digest("sha-256", "other"));

    failure(StandardErrorCode.DIGEST_MISMATCH, () -> write(command, content(TEXT)));

    assertThat(exists("key")).isFalse();
  }

  @Test
  void storesNothingOfAShortBody() {
    Content cut = content(new ByteArrayInputStream(new byte[10]), OptionalLong.of(11));

    WarehouseException refused =
        failure(StandardErrorCode.CONTENT_LENGTH_MISMATCH, () -> write(writeOf("key"), cut));

    assertThat(refused.detail()).contains("10", "11");
    assertThat(exists("key")).isFalse();
  }

  @Test
  void storesNothingOfALongBody() {
    Content more = content(new ByteArrayInputStream(new byte[12]), OptionalLong.of(11));

    failure(StandardErrorCode.CONTENT_LENGTH_MISMATCH, () -> write(writeOf("key"), more));

    assertThat(exists("key")).isFalse();
  }

  @Test
  void passesOnWhatTheStreamSays() {
    WarehouseException stalled =
        new WarehouseException(StandardErrorCode.CONTENT_STALLED, "too slow");

    WarehouseException refused =
        failure(
            StandardErrorCode.CONTENT_STALLED,
            () ->
                write(writeOf("key"), content(failingAfter("abc", stalled), OptionalLong.of(10))));

    assertThat(refused).isSameAs(stalled);
    assertThat(exists("key")).isFalse();
  }

  @Test
  void namesABrokenConnection() {
    WarehouseException refused =
        failure(
            StandardErrorCode.CONTENT_INTERRUPTED,
            () ->
                write(
                    writeOf("key"),
                    content(failingAfter("abc", new IOException("reset")), OptionalLong.of(10))));

    assertThat(refused.detail()).contains("3 bytes");
    assertThat(refused).hasCauseInstanceOf(IOException.class);
    assertThat(exists("key")).isFalse();
  }

  @Test
  void needsContent() {
    WarehouseException refused =
        failure(
            StandardErrorCode.INVALID_ARGUMENT, () -> command(StorageTopics.WRITE, writeOf("key")));

    assertThat(refused.detail()).contains("content");
  }

  @Test
  void stopsAtADeadlineThatTheSenderGave() {
    InputStream slow =
        new InputStream() {
          @Override
          public int read() {
            clock.advance(Duration.ofSeconds(1));
            return 'x';
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            target[offset] = (byte) read();
            return 1;
          }
        };
    Message message =
        Message.command(StorageTopics.WRITE, Payload.of(writeOf("key")))
            .content(content(slow, OptionalLong.empty()))
            .deadline(START.plusSeconds(3))
            .build();

    WarehouseException refused = failure(StandardErrorCode.TIMEOUT, () -> ask(message));

    assertThat(refused.detail()).contains("3 bytes");
    assertThat(exists("key")).isFalse();
  }

  @Test
  void aBodyOfAnyLengthHasNoDeadlineOfItsOwn() {
    Content slow =
        content(
            new ByteArrayInputStream(new byte[10]) {
              @Override
              public synchronized int read(byte[] target, int offset, int length) {
                clock.advance(Duration.ofHours(10));
                return super.read(target, offset, Math.min(1, length));
              }
            },
            OptionalLong.of(10));

    assertThat(write(writeOf("key"), slow).manifest().size()).isEqualTo(10);
  }

  @Test
  void refusesAMissingBucketBeforeItReadsTheBody() {
    WriteBlob command =
        new WriteBlob(
            new BucketName("other"),
            "key",
            "text/plain",
            Map.of(),
            List.of(),
            WriteCondition.none(),
            Optional.empty());

    failure(
        StandardErrorCode.NO_SUCH_BUCKET,
        () -> write(command, content(untouchable(), OptionalLong.of(3L << 30))));
  }

  @Test
  void refusesAFailedConditionBeforeItReadsTheBody() {
    put("key", "one");

    failure(
        StandardErrorCode.PRECONDITION_FAILED,
        () ->
            write(
                writeOf("key", ifNoneMatch("*"), Optional.empty()),
                content(untouchable(), OptionalLong.of(3L << 30))));
    failure(
        StandardErrorCode.PRECONDITION_FAILED,
        () ->
            write(
                writeOf("absent", ifMatch("*"), Optional.empty()),
                content(untouchable(), OptionalLong.of(3L << 30))));
  }

  @Test
  void refusesAMalformedContextBeforeItReadsTheBody() {
    for (String malformed : List.of("!", "AAAA", "", "AQ", "AQAx")) {
      failure(
          StandardErrorCode.INVALID_CONTEXT,
          () ->
              write(
                  writeOf("key", WriteCondition.none(), Optional.of(malformed)),
                  content(untouchable(), OptionalLong.empty())));
    }
  }

  @Test
  void contextCoversWhatWasThereAndWhatTheWriterSaw() {
    BlobManifest first = put("key", "one");
    CausalContext elsewhere = CausalContext.NONE.advance(new NodeId("far"));

    BlobManifest second =
        write(writeOf("key", WriteCondition.none(), Optional.of(elsewhere.text())), content("two"))
            .manifest();

    assertThat(CausalContext.parse(first.context()).text())
        .isEqualTo(CausalContext.NONE.advance(NODE).text());
    assertThat(second.context()).isEqualTo(elsewhere.advance(NODE).advance(NODE).text());
  }

  @Test
  void aBucketDeletedMeanwhileTakesNothing() {
    store.beforeChange = () -> store.deleteBucket(new BucketName(BUCKET));

    failure(StandardErrorCode.NO_SUCH_BUCKET, () -> put("key", "one"));
  }

  @Test
  void describeTellsAMissingBucketFromAMissingBlob() {
    failure(StandardErrorCode.NO_SUCH_BLOB, () -> describe("absent"));
    failure(
        StandardErrorCode.NO_SUCH_BUCKET,
        () -> query(StorageTopics.DESCRIBE, new DescribeBlob(new BucketName("other"), "absent")));
  }

  @Test
  void usesItsBuffersAgainWithoutMixingContents() {
    byte[] large = new byte[3_000_000];
    Arrays.fill(large, (byte) 'x');
    write(writeOf("x"), content(new ByteArrayInputStream(large), OptionalLong.empty()));

    put("y", "short");

    assertThat(get("y")).isEqualTo("short");
    assertThat(get("x")).hasSize(3_000_000);
  }
}
