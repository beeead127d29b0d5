package io.datawarehouse.sdk.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.plugin.PluginManifest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** A use of the provisioner: scaling out and in again, with requests that are sent twice. */
class NodeProvisionerUseTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final NodeProvisioner slots = new Slots();

  @Test
  void nodeIsStartedOnceAndGivenBack() {
    ProvisionedNode first = get(slots.provision(request("scale-out-7", "z1")));
    ProvisionedNode again = get(slots.provision(request("scale-out-7", "z1")));

    assertThat(first.state()).isEqualTo(new ProvisionState.Running(new NodeId("slot-0")));
    assertThat(again).isEqualTo(first);
    assertThat(slots.room()).isEqualTo(1);
    ProvisionedNode released = get(slots.release(new NodeId("slot-0"), Duration.ofSeconds(1)));
    assertThat(released.state()).isEqualTo(new ProvisionState.Released());
    assertThat(get(slots.release(new NodeId("slot-0"), Duration.ofSeconds(1)))).isEqualTo(released);
    assertThat(slots.room()).isEqualTo(2);
  }

  @Test
  void wantOfRoomIsAResultAndForeignNodesAreLeftAlone() {
    get(slots.provision(request("one", "")));
    get(slots.provision(request("two", "")));

    ProvisionedNode third = get(slots.provision(request("three", "")));

    assertThat(third.state().settled()).isTrue();
    assertThat(third.state()).isEqualTo(new ProvisionState.Failed("no slot is free"));
    assertThat(slots.nodes()).hasSize(3).first().isEqualTo(third);
    assertThatThrownBy(() -> get(slots.release(new NodeId("foreign"), Duration.ofSeconds(1))))
        .hasMessageContaining("foreign");
    assertThat(new ProvisionState.Requested().settled()).isFalse();
  }

  @Test
  void wrongRequestsAreRefusedWithFieldAndValue() {
    assertThatThrownBy(() -> request("no spaces", "z"))
        .hasMessageContaining("requestId is 'no spaces'");
    assertThatThrownBy(
            () ->
                new ProvisionRequest(
                    "r",
                    "dw",
                    "",
                    1,
                    List.of(),
                    Path.of("join.token"),
                    Map.of(),
                    Duration.ofSeconds(1)))
        .hasMessageContaining("seeds is missing");
  }

  private static ProvisionRequest request(String id, String zone) {
    return new ProvisionRequest(
        id,
        "dw",
        zone,
        1,
        List.of("127.0.0.1:9000"),
        Path.of("join.token"),
        Map.of(),
        Duration.ofSeconds(1));
  }

  private static <T> T get(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  /** Two slots to run nodes in. */
  private static final class Slots extends ProvisionerPluginBase {
    private final Map<String, ProvisionedNode> byRequest = new LinkedHashMap<>();
    private final List<String> free = new ArrayList<>(List.of("slot-0", "slot-1"));

    Slots() {
      super(PluginManifest.of("slots", "Slots", "1.0.0", "provisioning"), "slots");
    }

    @Override
    public CompletionStage<ProvisionedNode> provision(ProvisionRequest request) {
      return CompletableFuture.completedFuture(
          byRequest.computeIfAbsent(request.requestId(), this::start));
    }

    private ProvisionedNode start(String requestId) {
      if (free.isEmpty()) {
        return new ProvisionedNode(
            requestId, new ProvisionState.Failed("no slot is free"), NOW, "nowhere");
      }
      String slot = free.remove(0);
      return new ProvisionedNode(
          requestId, new ProvisionState.Running(new NodeId(slot)), NOW, slot);
    }

    @Override
    public CompletionStage<ProvisionedNode> release(NodeId node, Duration limit) {
      for (ProvisionedNode known : byRequest.values()) {
        if (known.where().equals(node.value())) {
          return CompletableFuture.completedFuture(stop(known));
        }
      }
      return CompletableFuture.failedFuture(
          new WarehouseException(StandardErrorCode.NOT_FOUND, "no node " + node + " of ours"));
    }

    private ProvisionedNode stop(ProvisionedNode known) {
      if (known.state() instanceof ProvisionState.Released) {
        return known;
      }
      free.add(known.where());
      ProvisionedNode released =
          new ProvisionedNode(known.requestId(), new ProvisionState.Released(), NOW, known.where());
      byRequest.put(known.requestId(), released);
      return released;
    }

    @Override
    public List<ProvisionedNode> nodes() {
      List<ProvisionedNode> latestFirst = new ArrayList<>(byRequest.values());
      Collections.reverse(latestFirst);
      return List.copyOf(latestFirst);
    }

    @Override
    public int room() {
      return free.size();
    }
  }
}
