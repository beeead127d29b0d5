package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Watch;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A small registry that all nodes of a cluster hold: one record a node, written by that node alone.
 * Thread-safe. A registry with one writer for each record cannot conflict; after a partition every
 * node says its own record again, so that all are whole without anybody deciding.
 *
 * <p>Records of nodes that are no longer members stay until they are forgotten; who reads compares
 * with the membership.
 */
public interface NodeRecords {

  /**
   * Replaces this node's own record, here at once and everywhere else soon; at most 1 Mi
   * characters. Does not wait for others.
   */
  void publish(String record);

  /** Returns all records as this node knows them; a snapshot that costs nothing to take. */
  Map<NodeId, String> snapshot();

  /**
   * Tells the listener which node's record changed, from now on, from one thread at a time; its own
   * too. It must be quick.
   */
  Watch watch(Consumer<NodeId> listener);
}
