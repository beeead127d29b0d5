package io.datawarehouse.kernel.whatif;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Topic;
import java.util.List;
import java.util.Optional;

/** What kernels ask each other about the requests that they sent. Each goes to one certain node. */
final class RecordingMessages {

  /** Query: {@link Question} to {@link Answer}. */
  static final Topic RECORDING = Topic.of("kernel.whatif.recording");

  private RecordingMessages() {}

  /**
   * Asks a node for the requests that it recorded.
   *
   * @param most how many it may tell
   */
  record Question(int most) {
    Question {
      if (most < 1 || most > LoadRecorder.CAPACITY) {
        throw WarehouseException.invalid("most", most, "use 1 to " + LoadRecorder.CAPACITY);
      }
    }
  }

  /**
   * The requests that a node recorded. It is bounded by their number, as each takes less than 200
   * bytes.
   *
   * @param enabled whether the node records at all
   * @param nodes who answered them, each once
   * @param requests the requests, the oldest first
   */
  record Answer(boolean enabled, List<NodeId> nodes, List<Request> requests) {
    Answer {
      nodes = List.copyOf(nodes);
      requests = List.copyOf(requests);
      if (requests.size() > LoadRecorder.CAPACITY) {
        throw WarehouseException.invalid(
            "requests", requests.size() + " requests", "tell at most " + LoadRecorder.CAPACITY);
      }
      for (Request request : requests) {
        if (request.node >= nodes.size()) {
          throw WarehouseException.invalid("node", request.node, "no node has that number");
        }
      }
    }
  }

  /**
   * A request that a node recorded. When it was sent is told by how long ago that is, and not by a
   * clock: clocks of nodes differ.
   *
   * @param agoNanos how long before the answer it was sent
   * @param node who handled it, as a number among the nodes of the answer
   * @param key the hash of its key; empty without one
   * @param tookNanos how long its answer took
   * @param bytes the length of its content
   * @param standsFor how many requests it stands for
   */
  record Request(
      long agoNanos, int node, Optional<Long> key, long tookNanos, long bytes, int standsFor) {
    Request {
      if (agoNanos < 0 || node < 0 || tookNanos < 0 || bytes < 0 || standsFor < 1) {
        throw WarehouseException.invalid(
            "requests",
            "%d, %d, %d, %d, %d".formatted(agoNanos, node, tookNanos, bytes, standsFor),
            "none is negative, and each stands for one at least");
      }
    }
  }
}
