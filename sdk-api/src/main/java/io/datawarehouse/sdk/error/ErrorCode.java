package io.datawarehouse.sdk.error;

/**
 * A stable name for one kind of failure. Plugins may define their own codes, usually as an enum.
 *
 * <p>MUST: (1) {@link #name()} is upper snake case and never changes its meaning; (2) instances are
 * immutable.
 */
public interface ErrorCode {

  /** Returns the stable name, in upper snake case, for example {@code NO_SUCH_BLOB}. */
  String name();

  /** Returns who can do something about it. */
  ErrorCategory category();

  /** Returns whether the same request may succeed when it is sent again later. */
  boolean retryable();
}
