package io.datawarehouse.testkit.provision;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.provision.ProvisionRequest;
import io.datawarehouse.sdk.provision.ProvisionState;
import io.datawarehouse.sdk.provision.ProvisionedNode;
import io.datawarehouse.sdk.provision.ProvisionerPluginBase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Two slots to run nodes in. Thread-safe. */
class SampleSlots extends ProvisionerPluginBase {

  /** What there is outside: machines, and a disk that outlives the provisioner. */
  static final class World {
    private final Set<NodeId> running = new TreeSet<>();
    private final Map<String, ProvisionedNode> disk = new LinkedHashMap<>();
    private boolean failNext;

    synchronized Set<NodeId> running() {
      return Set.copyOf(running);
    }

    synchronized void start(NodeId node) {
      running.add(node);
    }

    synchronized void failNext() {
      failNext = true;
    }
  }

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final List<String> SLOTS = List.of("slot-0", "slot-1");

  private final World world;
  private final Map<String, ProvisionedNode> known;

  SampleSlots(World world) {
    super(PluginManifest.of("slots", "Slots", "1.0.0", "provisioning"), "slots");
    this.world = world;
    this.known = remembers() ? world.disk : new LinkedHashMap<>();
  }

  /** Returns whether requests outlive a restart. */
  boolean remembers() {
    return true;
  }

  @Override
  public CompletionStage<ProvisionedNode> provision(ProvisionRequest request) {
    synchronized (world) {
      ProvisionedNode before = known.get(request.requestId());
      ProvisionedNode node =
          before == null || !(before.state() instanceof ProvisionState.Running)
              ? begin(request)
              : before;
      return CompletableFuture.completedFuture(node);
    }
  }

  private ProvisionedNode begin(ProvisionRequest request) {
    Optional<String> free = SLOTS.stream().filter(slot -> !taken(slot)).findFirst();
    ProvisionState state =
        free.<ProvisionState>map(slot -> started(new NodeId(slot)))
            .orElse(new ProvisionState.Failed("no slot is free"));
    ProvisionedNode node =
        new ProvisionedNode(request.requestId(), state, NOW, where(request, free.orElse("-")));
    known.put(request.requestId(), node);
    return node;
  }

  /** Says where a node is. */
  String where(ProvisionRequest request, String slot) {
    return slot;
  }

  private boolean taken(String slot) {
    return world.running.contains(new NodeId(slot));
  }

  private ProvisionState started(NodeId node) {
    world.running.add(node);
    if (world.failNext) {
      world.failNext = false;
      if (givesBack()) {
        world.running.remove(node);
      }
      return new ProvisionState.Failed("it did not start");
    }
    return new ProvisionState.Running(node);
  }

  /** Returns whether a node that failed gives back what it took. */
  boolean givesBack() {
    return true;
  }

  @Override
  public CompletionStage<ProvisionedNode> release(NodeId node, Duration limit) {
    synchronized (world) {
      for (ProvisionedNode started : List.copyOf(known.values())) {
        if (started.where().equals(node.value())) {
          return CompletableFuture.completedFuture(stopped(started, node));
        }
      }
      return releasesAnything() && world.running.remove(node)
          ? CompletableFuture.completedFuture(
              new ProvisionedNode("?", new ProvisionState.Released(), NOW, node.value()))
          : CompletableFuture.failedFuture(
              new WarehouseException(StandardErrorCode.NOT_FOUND, "no node " + node + " of ours"));
    }
  }

  /** Returns whether nodes are stopped that others started. */
  boolean releasesAnything() {
    return false;
  }

  private ProvisionedNode stopped(ProvisionedNode started, NodeId node) {
    world.running.remove(node);
    ProvisionedNode released =
        new ProvisionedNode(
            started.requestId(), new ProvisionState.Released(), NOW, started.where());
    known.put(started.requestId(), released);
    return released;
  }

  @Override
  public List<ProvisionedNode> nodes() {
    synchronized (world) {
      List<ProvisionedNode> latestFirst = new ArrayList<>(known.values());
      Collections.reverse(latestFirst);
      return List.copyOf(latestFirst);
    }
  }

  @Override
  public int room() {
    synchronized (world) {
      return (int) SLOTS.stream().filter(slot -> !taken(slot)).count();
    }
  }
}
