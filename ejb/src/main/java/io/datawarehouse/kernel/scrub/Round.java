package io.datawarehouse.kernel.scrub;

import io.datawarehouse.sdk.blob.BlobKey;
import java.time.Instant;
import java.util.Optional;

/**
 * One pass over the whole store. Immutable.
 *
 * @param startedAt when it began
 * @param endedAt when it ended; empty while it is under way
 * @param place the blob that was read last, while it is under way
 * @param blobs how many blobs were checked
 * @param bytes how many bytes of the store were read for that
 * @param passedOver how many blobs could not be judged
 */
public record Round(
    Instant startedAt,
    Optional<Instant> endedAt,
    Optional<BlobKey> place,
    long blobs,
    long bytes,
    long passedOver) {

  static Round begun(Instant now) {
    return new Round(now, Optional.empty(), Optional.empty(), 0, 0, 0);
  }

  Round at(BlobKey newPlace) {
    return new Round(startedAt, endedAt, Optional.of(newPlace), blobs, bytes, passedOver);
  }

  Round and(long moreBlobs, long moreBytes, long morePassedOver) {
    return new Round(
        startedAt,
        endedAt,
        place,
        blobs + moreBlobs,
        bytes + moreBytes,
        passedOver + morePassedOver);
  }

  Round ended(Instant now) {
    return new Round(startedAt, Optional.of(now), Optional.empty(), blobs, bytes, passedOver);
  }
}
