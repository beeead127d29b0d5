package io.datawarehouse.kernel.rebalance;

/**
 * Where a plan stands.
 *
 * <pre>
 * PREVIEW → RUNNING ⇄ PAUSED
 *              ⇅
 *          SWITCHING → DONE
 * </pre>
 *
 * From everywhere but DONE a plan may become ABORTED or FAILED. From SWITCHING it goes elsewhere
 * than to DONE only after the entry that it would replace has a new version: so that a replacement
 * that is still on its way comes to nothing.
 */
public enum PlanState {
  /** It was made and nothing has been done. */
  PREVIEW,
  /** Blobs are being copied. */
  RUNNING,
  /** Nothing is copied; what was copied waits. */
  PAUSED,
  /** All is copied, and ownership is about to change. */
  SWITCHING,
  /** The new owners own. */
  DONE,
  /** Somebody gave it up. */
  ABORTED,
  /** It could not be done. */
  FAILED;

  /** Returns whether nothing will happen any more. */
  public boolean finished() {
    return this == DONE || this == ABORTED || this == FAILED;
  }

  /** Returns whether it was begun and is not finished. */
  public boolean active() {
    return this == RUNNING || this == PAUSED || this == SWITCHING;
  }
}
