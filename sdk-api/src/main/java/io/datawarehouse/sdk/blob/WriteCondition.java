package io.datawarehouse.sdk.blob;

import java.util.List;
import java.util.Optional;

/**
 * What must hold at the moment of a write or a delete, for it to happen. Immutable. Judged together
 * with the change, so that of two writers with the same condition one loses.
 *
 * @param ifMatch entity tags of which the present version must have one; {@code *} stands for any
 *     version; empty says nothing
 * @param ifNoneMatch entity tags of which the present version must have none; {@code *} means that
 *     no version may exist; empty says nothing
 */
public record WriteCondition(List<String> ifMatch, List<String> ifNoneMatch) {

  /** The entity tag that stands for any version. */
  public static final String ANY = "*";

  private static final WriteCondition NONE = new WriteCondition(List.of(), List.of());

  /** Copies. */
  public WriteCondition {
    ifMatch = List.copyOf(ifMatch);
    ifNoneMatch = List.copyOf(ifNoneMatch);
  }

  /** Returns the condition that always holds. */
  public static WriteCondition none() {
    return NONE;
  }

  /** Returns whether the condition holds for the present version's entity tag, if there is one. */
  public boolean holds(Optional<String> etag) {
    if (!ifMatch.isEmpty() && !contains(ifMatch, etag)) {
      return false;
    }
    return ifNoneMatch.isEmpty() || !contains(ifNoneMatch, etag);
  }

  private static boolean contains(List<String> tags, Optional<String> etag) {
    return etag.isPresent() && (tags.contains(ANY) || tags.contains(etag.get()));
  }
}
