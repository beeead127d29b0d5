package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.message.Bytes;
import java.util.Map;
import java.util.Objects;

/**
 * What a resolver makes of a conflict. Immutable. Who resolves it stores a version that has seen
 * all siblings, so that the same conflict never comes back.
 *
 * @since 0.1
 */
public sealed interface Resolution {

  /** Returns why, in words, for the journal. */
  String because();

  /**
   * All siblings stay, until a writer who has seen them decides.
   *
   * @param because why
   */
  record KeepAll(String because) implements Resolution {
    /** Checks that nothing is missing. */
    public KeepAll {
      Objects.requireNonNull(because, "because");
    }
  }

  /**
   * One sibling stays, the others are kept as losers for a while.
   *
   * @param winner one of the conflict's siblings
   * @param because why
   */
  record Keep(Sibling winner, String because) implements Resolution {
    /** Checks that nothing is missing. */
    public Keep {
      Objects.requireNonNull(winner, "winner");
      Objects.requireNonNull(because, "because");
    }
  }

  /**
   * A new version takes the place of all siblings.
   *
   * @param content its content
   * @param contentType its media type
   * @param tags its tags
   * @param because why
   */
  record Merge(Bytes content, String contentType, Map<String, String> tags, String because)
      implements Resolution {
    /** Checks and copies. */
    public Merge {
      Objects.requireNonNull(content, "content");
      Objects.requireNonNull(contentType, "contentType");
      tags = Map.copyOf(tags);
      Objects.requireNonNull(because, "because");
    }
  }
}
