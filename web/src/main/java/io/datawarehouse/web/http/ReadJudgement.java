package io.datawarehouse.web.http;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Whether a version meets a reader's conditions, in the order of RFC 9110, section 13.2.2, for a
 * request that reads no content.
 */
public final class ReadJudgement {

  private ReadJudgement() {}

  /**
   * Returns whether the reader has this version already.
   *
   * @throws WarehouseException {@code PRECONDITION_FAILED}
   */
  public static boolean isKnown(BlobManifest version, ReadCondition condition) {
    Instant modified = version.lastModified().truncatedTo(ChronoUnit.SECONDS);
    if (!condition.ifMatch().isEmpty()) {
      require(names(condition.ifMatch(), version), "If-Match", version);
    } else {
      require(
          condition.ifUnmodifiedSince().filter(modified::isAfter).isEmpty(),
          "If-Unmodified-Since",
          version);
    }
    if (!condition.ifNoneMatch().isEmpty()) {
      return names(condition.ifNoneMatch(), version);
    }
    return condition.ifModifiedSince().filter(since -> !modified.isAfter(since)).isPresent();
  }

  private static boolean names(List<String> tags, BlobManifest version) {
    return tags.contains(WriteCondition.ANY) || tags.contains(version.etag());
  }

  private static void require(boolean holds, String header, BlobManifest version) {
    if (!holds) {
      throw new WarehouseException(
          StandardErrorCode.PRECONDITION_FAILED,
          header + " does not hold for " + WarehouseException.shown(version.blobKey()));
    }
  }
}
