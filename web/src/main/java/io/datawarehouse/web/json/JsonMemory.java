package io.datawarehouse.web.json;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory the JSON bodies of all requests may take at once. What a body takes is told by
 * its bytes as they come, so that a client that only announces many holds nothing; what would take
 * too much is refused, and waits for nothing. Thread-safe.
 */
final class JsonMemory {

  /** All requests of this process. */
  static final JsonMemory OF_PROCESS = ofHeap(Runtime.getRuntime().maxMemory());

  private static final int SHARE = 4;

  private final long most;
  private final AtomicLong held = new AtomicLong();

  /** Allows for some bytes of memory. */
  JsonMemory(long most) {
    this.most = most;
  }

  /** Allows for a share of a heap. */
  static JsonMemory ofHeap(long heap) {
    return new JsonMemory(heap / SHARE);
  }

  /** Begins with a body. */
  Body begin() {
    return new Body();
  }

  /** Returns how many bytes are held. */
  long held() {
    return held.get();
  }

  /** The memory of one body. Confined to the thread that serves its request. */
  final class Body {

    private long mine;

    /**
     * Takes some more.
     *
     * @throws WarehouseException {@code BULKHEAD_FULL}; {@code TOO_LARGE} where the body alone
     *     would take more than there is, and waiting does not help
     */
    void take(long bytes) {
      if (mine + bytes > most) {
        throw new WarehouseException(
            StandardErrorCode.TOO_LARGE,
            "the body is larger than this node has memory for: a quarter of its heap, "
                + most
                + " bytes, is for all that are being read");
      }
      if (held.addAndGet(bytes) > most) {
        held.addAndGet(-bytes);
        throw new WarehouseException(
            StandardErrorCode.BULKHEAD_FULL,
            "other requests with large bodies are being served, together they would take too much"
                + " memory");
      }
      mine += bytes;
    }

    /** Gives all back. */
    void giveBack() {
      held.addAndGet(-mine);
      mine = 0;
    }
  }
}
