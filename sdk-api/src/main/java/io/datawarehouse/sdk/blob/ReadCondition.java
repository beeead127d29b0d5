package io.datawarehouse.sdk.blob;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a reader asks of the version it is given, as in RFC 9110, section 13. Immutable.
 *
 * @param ifMatch entity tags of which the version must have one; {@code *} for any; empty says
 *     nothing
 * @param ifNoneMatch entity tags that the reader has already; {@code *} for any; empty says nothing
 * @param ifModifiedSince heard only where {@code ifNoneMatch} is empty
 * @param ifUnmodifiedSince heard only where {@code ifMatch} is empty
 * @param ifRangeTag the version of which the reader has a part: another one is sent whole
 * @param ifRangeDate the same by date
 */
public record ReadCondition(
    List<String> ifMatch,
    List<String> ifNoneMatch,
    Optional<Instant> ifModifiedSince,
    Optional<Instant> ifUnmodifiedSince,
    Optional<String> ifRangeTag,
    Optional<Instant> ifRangeDate) {

  private static final ReadCondition NONE =
      new ReadCondition(
          List.of(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  /** Copies. */
  public ReadCondition {
    ifMatch = List.copyOf(ifMatch);
    ifNoneMatch = List.copyOf(ifNoneMatch);
  }

  /** Returns the condition that always holds. */
  public static ReadCondition none() {
    return NONE;
  }
}
