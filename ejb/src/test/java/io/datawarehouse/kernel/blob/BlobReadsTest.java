package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.ByteRange;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.StorageMessages.BlobRead;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.ReadOutcome;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Reply;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlobReadsTest extends BlobServiceFixture {

  private static final String TEXT = "0123456789";
  private static final String TAG = sha256(TEXT);
  private static final Optional<ByteRange> MIDDLE = Optional.of(ByteRange.of(2, 4));

  // Set before each test.
  @SuppressWarnings("NullAway.Init")
  private BlobManifest written;

  /** The fields of a condition, to be set by name. */
  private static final class Ask {
    private List<String> ifMatch = List.of();
    private List<String> ifNoneMatch = List.of();
    private Optional<Instant> modifiedSince = Optional.empty();
    private Optional<Instant> unmodifiedSince = Optional.empty();
    private Optional<String> rangeTag = Optional.empty();
    private Optional<Instant> rangeDate = Optional.empty();

    Ask ifMatch(String... tags) {
      ifMatch = List.of(tags);
      return this;
    }

    Ask ifNoneMatch(String... tags) {
      ifNoneMatch = List.of(tags);
      return this;
    }

    Ask modifiedSince(Instant time) {
      modifiedSince = Optional.of(time);
      return this;
    }

    Ask unmodifiedSince(Instant time) {
      unmodifiedSince = Optional.of(time);
      return this;
    }

    Ask rangeTag(String tag) {
      rangeTag = Optional.of(tag);
      return this;
    }

    Ask rangeDate(Instant time) {
      rangeDate = Optional.of(time);
      return this;
    }

    ReadCondition build() {
      return new ReadCondition(
          ifMatch, ifNoneMatch, modifiedSince, unmodifiedSince, rangeTag, rangeDate);
    }
  }

  @BeforeEach
  void makeBlob() {
    bucket();
    written = put("key", TEXT);
  }

  /** Returns how the read ended and closes what came. */
  private ReadOutcome outcome(Optional<ByteRange> range, Ask ask) {
    Reply reply = read("key", range, ask.build());
    reply.content().ifPresent(Content::close);
    return reply.as(BlobRead.class).outcome();
  }

  private ReadOutcome outcome(Ask ask) {
    return outcome(Optional.empty(), ask);
  }

  private void refused(Ask ask) {
    failure(StandardErrorCode.PRECONDITION_FAILED, () -> read("key", MIDDLE, ask.build()));
  }

  private Instant shownDate() {
    return written.lastModified().truncatedTo(ChronoUnit.SECONDS);
  }

  @Test
  void givesTheWhole() {
    Reply reply = read("key", Optional.empty(), ReadCondition.none());

    assertThat(reply.as(BlobRead.class))
        .isEqualTo(new BlobRead(ReadOutcome.WHOLE, written, 0, TEXT.length()));
    assertThat(reply.content().orElseThrow().contentType()).isEqualTo("text/plain");
    assertThat(reply.content().orElseThrow().length()).hasValue(TEXT.length());
    assertThat(text(reply)).isEqualTo(TEXT);
  }

  @Test
  void givesParts() {
    Reply reply = read("key", MIDDLE, ReadCondition.none());

    assertThat(reply.as(BlobRead.class)).isEqualTo(new BlobRead(ReadOutcome.PART, written, 2, 3));
    assertThat(text(reply)).isEqualTo("234");
    assertThat(text(read("key", Optional.of(ByteRange.from(8)), ReadCondition.none())))
        .isEqualTo("89");
    assertThat(text(read("key", Optional.of(ByteRange.of(8, 1_000)), ReadCondition.none())))
        .isEqualTo("89");
    assertThat(text(read("key", Optional.of(ByteRange.suffix(3)), ReadCondition.none())))
        .isEqualTo("789");
    assertThat(text(read("key", Optional.of(ByteRange.suffix(1_000)), ReadCondition.none())))
        .isEqualTo(TEXT);
  }

  @Test
  void saysTheSizeWhereNoByteOfTheRangeExists() {
    WarehouseException refused =
        failure(
            StandardErrorCode.RANGE_NOT_SATISFIABLE,
            () -> read("key", Optional.of(ByteRange.from(10)), ReadCondition.none()));

    assertThat(refused.attributes()).containsEntry("size", "10");
    assertThat(refused.detail()).contains("10-", "10 bytes");
  }

  @Test
  void noneMatchOfTheVersionSaysNotModified() {
    assertThat(outcome(new Ask().ifNoneMatch("other", TAG))).isEqualTo(ReadOutcome.NOT_MODIFIED);
    assertThat(outcome(new Ask().ifNoneMatch("*"))).isEqualTo(ReadOutcome.NOT_MODIFIED);
    assertThat(outcome(new Ask().ifNoneMatch("other"))).isEqualTo(ReadOutcome.WHOLE);
  }

  @Test
  void notModifiedCarriesTheManifestAndNoContent() {
    Reply reply = read("key", MIDDLE, new Ask().ifNoneMatch(TAG).build());

    assertThat(reply.content()).isEmpty();
    assertThat(reply.as(BlobRead.class))
        .isEqualTo(new BlobRead(ReadOutcome.NOT_MODIFIED, written, 0, 0));
  }

  @Test
  void modifiedSinceComparesWholeSeconds() {
    assertThat(outcome(new Ask().modifiedSince(shownDate()))).isEqualTo(ReadOutcome.NOT_MODIFIED);
    assertThat(outcome(new Ask().modifiedSince(shownDate().minusSeconds(1))))
        .isEqualTo(ReadOutcome.WHOLE);
  }

  @Test
  void modifiedSinceIsNotHeardBesideNoneMatch() {
    assertThat(outcome(new Ask().ifNoneMatch("other").modifiedSince(shownDate())))
        .isEqualTo(ReadOutcome.WHOLE);
  }

  @Test
  void matchMustNameTheVersion() {
    assertThat(outcome(new Ask().ifMatch("other", TAG))).isEqualTo(ReadOutcome.WHOLE);
    assertThat(outcome(new Ask().ifMatch("*"))).isEqualTo(ReadOutcome.WHOLE);
    refused(new Ask().ifMatch("other"));
  }

  @Test
  void unmodifiedSinceComparesWholeSeconds() {
    assertThat(outcome(new Ask().unmodifiedSince(shownDate()))).isEqualTo(ReadOutcome.WHOLE);
    refused(new Ask().unmodifiedSince(shownDate().minusSeconds(1)));
  }

  @Test
  void unmodifiedSinceIsNotHeardBesideMatch() {
    assertThat(outcome(new Ask().ifMatch(TAG).unmodifiedSince(Instant.EPOCH)))
        .isEqualTo(ReadOutcome.WHOLE);
  }

  @Test
  void aFailedMatchComesBeforeNotModified() {
    refused(new Ask().ifMatch("other").ifNoneMatch(TAG));
  }

  @Test
  void conditionsComeBeforeTheRange() {
    assertThat(outcome(Optional.of(ByteRange.from(10)), new Ask().ifNoneMatch(TAG)))
        .isEqualTo(ReadOutcome.NOT_MODIFIED);
  }

  @Test
  void ifRangeGivesThePartOfThatVersionOnly() {
    assertThat(outcome(MIDDLE, new Ask().rangeTag(TAG))).isEqualTo(ReadOutcome.PART);
    assertThat(outcome(MIDDLE, new Ask().rangeTag("other"))).isEqualTo(ReadOutcome.WHOLE);
    assertThat(outcome(Optional.of(ByteRange.from(10)), new Ask().rangeTag("other")))
        .isEqualTo(ReadOutcome.WHOLE);
    assertThat(outcome(new Ask().rangeTag(TAG))).isEqualTo(ReadOutcome.WHOLE);
  }

  @Test
  void ifRangeByDateMustBeExact() {
    assertThat(outcome(MIDDLE, new Ask().rangeDate(shownDate()))).isEqualTo(ReadOutcome.PART);
    assertThat(outcome(MIDDLE, new Ask().rangeDate(shownDate().plusSeconds(1))))
        .isEqualTo(ReadOutcome.WHOLE);
    assertThat(outcome(MIDDLE, new Ask().rangeDate(shownDate().minusSeconds(1))))
        .isEqualTo(ReadOutcome.WHOLE);
  }

  @Test
  void ifRangeByDateTrustsASecondVersionOnlyWhenItsSecondIsOver() {
    clock.advance(Duration.ofMillis(200));
    written = put("key", TEXT);
    assertThat(outcome(MIDDLE, new Ask().rangeDate(shownDate()))).isEqualTo(ReadOutcome.WHOLE);

    clock.advance(Duration.ofSeconds(1));
    assertThat(outcome(MIDDLE, new Ask().rangeDate(shownDate()))).isEqualTo(ReadOutcome.PART);
  }

  @Test
  void tellsAMissingBucketFromAMissingBlob() {
    failure(
        StandardErrorCode.NO_SUCH_BLOB,
        () -> read("absent", Optional.empty(), new Ask().ifMatch("*").build()));
    failure(
        StandardErrorCode.NO_SUCH_BUCKET,
        () ->
            query(
                StorageTopics.READ,
                new ReadBlob(
                    new BucketName("other"), "key", Optional.empty(), ReadCondition.none())));
  }

  @Test
  void aReaderHoldsItsVersion() throws IOException {
    Reply reply = read("key", Optional.empty(), ReadCondition.none());
    put("key", "other");

    assertThat(text(reply)).isEqualTo(TEXT);
  }

  @Test
  void closingTheContentClosesTheReaderOnce() throws IOException {
    Reply reply = read("key", Optional.empty(), ReadCondition.none());
    InputStream stream = reply.content().orElseThrow().stream();
    assertThat(store.openReaders).hasValue(1);
    assertThat(stream.read()).isEqualTo('0');
    assertThat(stream.available()).isEqualTo(9);

    stream.close();
    stream.close();

    assertThat(store.openReaders).hasValue(0);
    assertThat(stream.available()).isZero();
    assertThatThrownBy(stream::read).isInstanceOf(IOException.class);
    assertThat(metrics.count("storage.read.bytes")).isEqualTo(1);
  }

  @Test
  void closesTheReaderWhereItsContentCannotBeOpened() {
    store.contentFilter =
        stream -> {
          throw new WarehouseException(StandardErrorCode.STORAGE_FAILED, "no disk");
        };

    failure(
        StandardErrorCode.STORAGE_FAILED,
        () -> read("key", Optional.empty(), ReadCondition.none()));

    assertThat(store.openReaders).hasValue(0);
  }

  @Test
  void closesTheReaderWhereItsContentCannotBeClosed() {
    store.contentFilter =
        stream ->
            new FilterInputStream(stream) {
              @Override
              public void close() throws IOException {
                throw new IOException("no");
              }
            };
    Content content = read("key", Optional.empty(), ReadCondition.none()).content().orElseThrow();

    assertThatThrownBy(content::close).hasCauseInstanceOf(IOException.class);

    assertThat(store.openReaders).hasValue(0);
  }

  @Test
  void countsContentThatTurnsOutCorrupt() throws IOException {
    store.contentFilter =
        stream ->
            new InputStream() {
              @Override
              public int read() {
                throw new WarehouseException(StandardErrorCode.BLOB_CORRUPT, "frame 0");
              }
            };

    try (Content content =
        read("key", Optional.empty(), ReadCondition.none()).content().orElseThrow()) {
      failure(StandardErrorCode.BLOB_CORRUPT, () -> content.stream().read());
    }

    assertThat(
            metrics.count("storage.failures", Map.of("operation", "read", "code", "BLOB_CORRUPT")))
        .isEqualTo(1);
  }

  @Test
  void transfersContentAtOnce() throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    try (Content content = read("key", MIDDLE, ReadCondition.none()).content().orElseThrow()) {
      assertThat(content.stream().transferTo(target)).isEqualTo(3);
    }

    assertThat(target).hasToString("234");
    assertThat(metrics.count("storage.read.bytes")).isEqualTo(3);
  }
}
