package io.datawarehouse.kernel.federation;

import static org.awaitility.Awaitility.await;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Topic;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Several nodes in this process. */
final class Lab implements AutoCloseable {

  static final Duration SOON = Duration.ofSeconds(60);

  final ClusterLab cluster = new ClusterLab();
  final Map<NodeId, Integer> ports = new ConcurrentHashMap<>();
  private final Map<String, LabNode> nodes = new LinkedHashMap<>();

  /** Starts nodes and waits until each has a link with each. */
  static Lab of(String... names) {
    return of(plan -> {}, names);
  }

  static Lab of(Consumer<LabNode.Plan> planning, String... names) {
    Lab lab = new Lab();
    for (String name : names) {
      LabNode.Plan plan = new LabNode.Plan();
      planning.accept(plan);
      lab.start(name, plan);
    }
    lab.awaitLinks();
    return lab;
  }

  LabNode start(String name, LabNode.Plan plan) {
    LabNode node = new LabNode(cluster, ports, name, plan);
    nodes.put(name, node);
    return node;
  }

  LabNode node(String name) {
    return nodes.get(name);
  }

  List<LabNode> nodes() {
    return List.copyOf(nodes.values());
  }

  void crash(String name) {
    LabNode node = nodes.remove(name);
    ports.remove(node.id);
    node.close();
  }

  void awaitLinks() {
    eventually(
        () -> nodes.values().stream().allMatch(n -> n.bus.linked().size() == nodes.size() - 1));
  }

  /** Breaks all links and waits until each of them has been seen to break, and stands again. */
  void breakLinks(Runnable breaking) {
    awaitLinks();
    Map<LabNode, Double> before = new LinkedHashMap<>();
    nodes.values().forEach(node -> before.put(node, node.metrics.count("peer.links.down")));
    breaking.run();
    eventually(
        () ->
            nodes.values().stream()
                .allMatch(
                    node ->
                        node.metrics.count("peer.links.down")
                            >= before.get(node) + nodes.size() - 1));
    awaitLinks();
  }

  /** Waits until all nodes know that exactly these handle a topic. */
  void awaitHandlers(String topic, String... names) {
    List<NodeId> expected = List.of(names).stream().map(NodeId::new).sorted().toList();
    eventually(
        () ->
            nodes.values().stream()
                .allMatch(
                    node ->
                        node.directory.snapshot().handlersOf(Topic.of(topic)).equals(expected)));
  }

  /** Waits until all nodes know that exactly these hear a topic. */
  void awaitListeners(String topic, String... names) {
    List<NodeId> expected = List.of(names).stream().map(NodeId::new).sorted().toList();
    eventually(
        () ->
            nodes.values().stream()
                .allMatch(
                    node ->
                        node.directory.snapshot().listenersOf(Topic.of(topic)).equals(expected)));
  }

  static void eventually(Callable<Boolean> condition) {
    await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(condition);
  }

  @Override
  public void close() {
    nodes.values().forEach(LabNode::close);
  }
}
