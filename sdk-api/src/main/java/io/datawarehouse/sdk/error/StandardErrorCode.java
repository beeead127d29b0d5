package io.datawarehouse.sdk.error;

import static io.datawarehouse.sdk.error.ErrorCategory.EXTERNAL;
import static io.datawarehouse.sdk.error.ErrorCategory.INTERNAL;
import static io.datawarehouse.sdk.error.ErrorCategory.RESOURCES;
import static io.datawarehouse.sdk.error.ErrorCategory.USER;

/** The error codes that the kernel and the bundled plugins use. */
public enum StandardErrorCode implements ErrorCode {
  /** A field, parameter or header holds a value that is not allowed. */
  INVALID_ARGUMENT(USER, false),
  /** A bucket's name breaks the naming rule. */
  INVALID_BUCKET_NAME(USER, false),
  /** A blob's key breaks the naming rule. */
  INVALID_KEY(USER, false),
  /** A topic or topic pattern breaks the naming rule. */
  INVALID_TOPIC(USER, false),
  /** A body is not well-formed JSON, too deep, or does not fit its type. */
  INVALID_JSON(USER, false),
  /** A body or a field is longer than its limit. */
  TOO_LARGE(USER, false),
  /** A setting is known but not available in this installation. */
  SETTING_UNSUPPORTED(USER, false),
  /** A causal context was not made by this warehouse. */
  INVALID_CONTEXT(USER, false),
  /** The content does not have the digest that was announced. */
  DIGEST_MISMATCH(USER, false),
  /** No digest algorithm that was announced is supported. */
  DIGEST_UNSUPPORTED(USER, false),
  /** The content ended before, or went on after, its announced length. */
  CONTENT_LENGTH_MISMATCH(USER, false),
  /** The sender of a content stream stalled or was slower than the minimum rate. */
  CONTENT_STALLED(USER, true),
  /** The sender of a content stream went away. */
  CONTENT_INTERRUPTED(USER, true),
  /** The bucket does not exist. */
  NO_SUCH_BUCKET(USER, false),
  /** The blob does not exist. */
  NO_SUCH_BLOB(USER, false),
  /** Nothing of that kind with that id exists. */
  NOT_FOUND(USER, false),
  /** The bucket exists with other settings. */
  BUCKET_EXISTS(USER, false),
  /** The bucket still holds blobs. */
  BUCKET_NOT_EMPTY(USER, false),
  /** Nothing was recorded that could be replayed, and none was given. */
  NO_RECORDED_LOAD(USER, true),
  /** Who owns what has changed since the plan was made. */
  TOPOLOGY_CHANGED(USER, false),
  /** The state of the plan, or of another one, does not allow it. */
  PLAN_CONFLICT(USER, false),
  /** A condition of the request does not hold. */
  PRECONDITION_FAILED(USER, false),
  /** No byte of the asked range exists. */
  RANGE_NOT_SATISFIABLE(USER, false),
  /** The caller did not say who it is, or its token is not known. */
  UNAUTHENTICATED(USER, false),
  /** The caller's role does not allow the call. */
  FORBIDDEN(USER, false),
  /** Nobody handles the topic. */
  NO_HANDLER(USER, true),
  /** A second handler for a topic that already has one. */
  DUPLICATE_HANDLER(INTERNAL, false),
  /** A payload cannot be read as the type that the handler asks for. */
  PAYLOAD_MISMATCH(USER, false),
  /** A payload holds something that could change after it was sent. */
  PAYLOAD_MUTABLE(INTERNAL, false),
  /** The deadline passed. */
  TIMEOUT(RESOURCES, true),
  /** A bounded queue or pool is full. */
  BULKHEAD_FULL(RESOURCES, true),
  /** A circuit breaker is open. */
  CIRCUIT_OPEN(RESOURCES, true),
  /** The bucket's quota does not leave room. */
  QUOTA_EXCEEDED(RESOURCES, false),
  /** The disk does not leave room. */
  DISK_FULL(RESOURCES, true),
  /** The node is stopping, or not ready yet. */
  UNAVAILABLE(RESOURCES, true),
  /** The one node that owns the key cannot be reached now; what it holds is not lost. */
  OWNER_UNAVAILABLE(EXTERNAL, true),
  /** No node that may hold the key is there; where it may lie its bucket's residency rules say. */
  RESIDENCY_UNSATISFIED(EXTERNAL, true),
  /** A handler failed with an exception of its own. */
  HANDLER_FAILED(INTERNAL, false),
  /** Stored content does not have the checksum that it was stored with. */
  BLOB_CORRUPT(INTERNAL, false),
  /** The key that protected the content was deleted: nobody can read it any more. */
  KEY_DESTROYED(USER, false),
  /** The provider of keys cannot answer now. */
  KEY_UNAVAILABLE(EXTERNAL, true),
  /** The content needs a transformer that no running plugin provides. */
  TRANSFORMER_MISSING(EXTERNAL, true),
  /** The store failed. */
  STORAGE_FAILED(EXTERNAL, true),
  /** A configuration value is missing or not allowed. */
  CONFIG_INVALID(USER, false),
  /** The node cannot start. */
  BOOT_FAILED(INTERNAL, false),
  /** Anything that should not happen. */
  INTERNAL_ERROR(INTERNAL, false);

  private final ErrorCategory category;
  private final boolean retryable;

  StandardErrorCode(ErrorCategory category, boolean retryable) {
    this.category = category;
    this.retryable = retryable;
  }

  @Override
  public ErrorCategory category() {
    return category;
  }

  @Override
  public boolean retryable() {
    return retryable;
  }
}
