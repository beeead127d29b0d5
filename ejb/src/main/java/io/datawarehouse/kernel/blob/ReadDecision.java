package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.ByteRange;
import io.datawarehouse.sdk.blob.ByteRange.Span;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.ReadOutcome;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a reader gets of a version, judged in the order of RFC 9110, section 13.2.2: If-Match, or
 * else If-Unmodified-Since; If-None-Match, or else If-Modified-Since; Range with If-Range.
 * Immutable.
 *
 * @param outcome what follows
 * @param span which bytes; none for {@code NOT_MODIFIED}
 */
public record ReadDecision(ReadOutcome outcome, Span span) {

  private static final Duration DATE_STEP = Duration.ofSeconds(1);

  /**
   * Judges.
   *
   * @param query what is asked for, and of which version
   * @param present the version that stands
   * @param now the time
   * @throws WarehouseException {@code PRECONDITION_FAILED} or {@code RANGE_NOT_SATISFIABLE}
   */
  public static ReadDecision of(ReadBlob query, BlobManifest present, Instant now) {
    ReadCondition condition = query.condition();
    requireMatch(query, condition, present);
    if (known(condition, present)) {
      return new ReadDecision(ReadOutcome.NOT_MODIFIED, new Span(0, 0));
    }
    Optional<ByteRange> range =
        query.range().filter(ignored -> holdsIfRange(condition, present, now));
    if (range.isEmpty()) {
      return new ReadDecision(ReadOutcome.WHOLE, new Span(0, present.size()));
    }
    return new ReadDecision(
        ReadOutcome.PART,
        range
            .get()
            .resolve(present.size())
            .orElseThrow(() -> notSatisfiable(range.get(), present)));
  }

  private static void requireMatch(ReadBlob query, ReadCondition condition, BlobManifest present) {
    if (!condition.ifMatch().isEmpty()) {
      if (!names(condition.ifMatch(), present)) {
        throw BlobErrors.preconditionFailed(
            "If-Match", query.blobKey(), Optional.of(present.etag()));
      }
    } else if (condition.ifUnmodifiedSince().isPresent()
        && seconds(present.lastModified()).isAfter(condition.ifUnmodifiedSince().get())) {
      throw BlobErrors.preconditionFailed(
          "If-Unmodified-Since", query.blobKey(), "it was modified at " + present.lastModified());
    }
  }

  private static boolean known(ReadCondition condition, BlobManifest present) {
    if (!condition.ifNoneMatch().isEmpty()) {
      return names(condition.ifNoneMatch(), present);
    }
    return condition
        .ifModifiedSince()
        .filter(since -> !seconds(present.lastModified()).isAfter(since))
        .isPresent();
  }

  private static boolean holdsIfRange(ReadCondition condition, BlobManifest present, Instant now) {
    if (condition.ifRangeTag().isPresent()) {
      return condition.ifRangeTag().get().equals(present.etag());
    }
    return condition
        .ifRangeDate()
        .map(
            date ->
                seconds(present.lastModified()).equals(seconds(date))
                    && datesOneVersion(present, now))
        .orElse(true);
  }

  /**
   * A date of whole seconds stands for two versions where both were written in that second. So it
   * counts for a first version, and for one whose second is over.
   */
  private static boolean datesOneVersion(BlobManifest present, Instant now) {
    return present.createdAt().equals(present.lastModified())
        || !now.isBefore(present.lastModified().plus(DATE_STEP));
  }

  private static boolean names(List<String> tags, BlobManifest present) {
    return tags.contains(WriteCondition.ANY) || tags.contains(present.etag());
  }

  /** What the reader was shown: dates in HTTP have whole seconds. */
  private static Instant seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS);
  }

  private static WarehouseException notSatisfiable(ByteRange range, BlobManifest present) {
    String asked =
        (range.first().isPresent() ? Long.toString(range.first().getAsLong()) : "")
            + "-"
            + (range.last().isPresent() ? Long.toString(range.last().getAsLong()) : "");
    return new WarehouseException(
        StandardErrorCode.RANGE_NOT_SATISFIABLE,
        "range " + asked + " names no byte of a blob of " + present.size() + " bytes",
        Map.of("size", Long.toString(present.size())),
        null);
  }
}
