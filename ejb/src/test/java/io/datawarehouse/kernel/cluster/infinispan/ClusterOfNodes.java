package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.sdk.cluster.NodeState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The nodes of a test, ended with it. */
final class ClusterOfNodes implements AutoCloseable {

  private final Path directory;
  private final List<TestNode> nodes = new ArrayList<>();

  ClusterOfNodes(Path directory) {
    this.directory = directory;
  }

  TestNode.Plan plan(String id) {
    return TestNode.Plan.of(id, directory);
  }

  /** Makes a node that has not joined. */
  TestNode make(TestNode.Plan plan) {
    TestNode node = plan.make();
    nodes.add(node);
    return node;
  }

  /** Makes a node that is active, after those before it. */
  TestNode start(TestNode.Plan plan) {
    return make(plan).joined();
  }

  /** Makes active nodes, one after the other, and waits until all know each other. */
  List<TestNode> start(String... ids) {
    List<TestNode> started = new ArrayList<>();
    for (String id : ids) {
      started.add(start(plan(id)));
    }
    started.forEach(node -> node.awaitSeeing(NodeState.ACTIVE, ids));
    return started;
  }

  /** Lets nodes join at the same moment. */
  static void joinAtOnce(List<TestNode> nodes) {
    ExecutorService threads = Executors.newFixedThreadPool(nodes.size());
    try {
      List<Future<TestNode>> joins = new ArrayList<>();
      for (TestNode node : nodes) {
        joins.add(threads.submit(node::joined));
      }
      for (Future<TestNode> join : joins) {
        join.get(2, TimeUnit.MINUTES);
      }
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("joining at once failed", e);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Ends all nodes at the same time. */
  @Override
  public void close() {
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (TestNode node : nodes) {
        ends.add(threads.submit(node::close));
      }
      for (Future<?> end : ends) {
        end.get(1, TimeUnit.MINUTES);
      }
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("a node did not end", e);
    } finally {
      threads.shutdownNow();
    }
  }
}
