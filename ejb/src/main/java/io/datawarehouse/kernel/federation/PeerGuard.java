package io.datawarehouse.kernel.federation;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Topic;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a request may go to another node now: circuit breakers for each peer and
 * operation, bulkheads for each pool. Thread-safe; asked for every message that leaves the node, so
 * it must neither block nor wait.
 */
public interface PeerGuard {

  /**
   * Returns whether a request would be let through now; takes nothing. Asked while a route is
   * chosen, for every candidate.
   */
  boolean admits(NodeId node, Topic topic);

  /**
   * Lets a request through. Exactly one method of the permit is called later, once.
   *
   * @throws WarehouseException {@code CIRCUIT_OPEN} or {@code BULKHEAD_FULL}
   */
  Permit enter(NodeId node, Topic topic);

  /**
   * Returns why a request would not be let through now; null where it would. Asked when nobody else
   * can take the request, so it may count as one that was refused; it takes nothing.
   */
  default @Nullable WarehouseException refusal(NodeId node, Topic topic) {
    return admits(node, topic)
        ? null
        : new WarehouseException(
            StandardErrorCode.CIRCUIT_OPEN,
            "nothing is let through to '%s' of node %s now".formatted(topic, node));
  }

  /**
   * Told when a node is in reach again, after it was not: what it failed at before says nothing
   * about it now.
   */
  default void isBack(NodeId node) {}

  /** One request that was let through. */
  interface Permit {

    /** The node answered, be it with an error of the caller's own making. */
    void success(long nanos);

    /** The node did not answer, too late, or with an error of its own. */
    void failure(WarehouseException error, long nanos);

    /** The request was never sent, or its sender gave up: it says nothing about the node. */
    void cancelled();
  }

  /** Returns the guard that lets everything through. */
  static PeerGuard open() {
    return OpenGuard.INSTANCE;
  }

  /** Lets everything through. */
  enum OpenGuard implements PeerGuard, Permit {
    /** The only one. */
    INSTANCE;

    @Override
    public boolean admits(NodeId node, Topic topic) {
      return true;
    }

    @Override
    public Permit enter(NodeId node, Topic topic) {
      return this;
    }

    @Override
    public void success(long nanos) {}

    @Override
    public void failure(WarehouseException error, long nanos) {}

    @Override
    public void cancelled() {}
  }

  /** Returns what a permit is told of an error, where it counts against the node; else null. */
  static @Nullable WarehouseException fault(WarehouseException error) {
    if (error.code() == StandardErrorCode.TIMEOUT
        || error.code() == StandardErrorCode.UNAVAILABLE) {
      return error;
    }
    if (isAboutOneThing(error.code())) {
      return null;
    }
    return switch (error.code().category()) {
      case USER, RESOURCES -> null;
      case INTERNAL, EXTERNAL -> error;
    };
  }

  /**
   * Returns whether an error is about the blob or the key that was asked for: the node answered
   * well, and has others that it can give.
   */
  private static boolean isAboutOneThing(ErrorCode code) {
    return code == StandardErrorCode.OWNER_UNAVAILABLE
        || code == StandardErrorCode.BLOB_CORRUPT
        || code == StandardErrorCode.TRANSFORMER_MISSING
        || code == StandardErrorCode.KEY_UNAVAILABLE
        || code == StandardErrorCode.RESIDENCY_UNSATISFIED;
  }
}
