package io.datawarehouse.kernel.coordination;

import io.datawarehouse.sdk.cluster.CommandResult;

/** What became of a proposal. Immutable. */
public sealed interface Outcome {

  /**
   * The command was judged.
   *
   * @param result applied, or lost against another
   */
  record Judged(CommandResult result) implements Outcome {}

  /**
   * The mark stands in the log.
   *
   * @param index where
   */
  record Marked(long index) implements Outcome {}

  /** Nothing changed: the registries would hold more than they may. */
  record Full() implements Outcome {}

  /** Nothing changed: the proposal was settled before, or a later run of its node is known. */
  record Stale() implements Outcome {}
}
