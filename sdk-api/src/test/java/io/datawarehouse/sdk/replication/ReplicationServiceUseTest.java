package io.datawarehouse.sdk.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.federation.FederatedRead;
import io.datawarehouse.sdk.federation.MemoryPeer;
import io.datawarehouse.sdk.federation.ReadRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** A use of the service: a damaged copy is restored from whoever has a whole one. */
class ReplicationServiceUseTest {

  private static final BlobKey KEY = BlobKey.of("bucket", "key");

  private final MemoryPeer owner = new MemoryPeer("owner");
  private final MemoryPeer bystander = new MemoryPeer("bystander");
  private final MemoryPeer here = new MemoryPeer("here");
  private final Restorer service = new Restorer(here, List.of(owner, bystander));

  @Test
  void copyComesFromAnyPeerThatHasItWhole() {
    owner.reachable = false;
    BlobManifest manifest = bystander.put(KEY, "whole");

    RestoreResult result = get(service.restore(request()));

    assertThat(result).isEqualTo(new RestoreResult.Restored(manifest, new NodeId("bystander")));
    assertThat(here.text(KEY)).contains("whole");
    assertThat(get(service.restore(request()))).isEqualTo(new RestoreResult.NotNeeded(manifest));
  }

  @Test
  void thatNobodyHasItIsAResultThatTellsWhy() {
    owner.reachable = false;

    RestoreResult result = get(service.restore(request()));

    assertThat(result)
        .isInstanceOfSatisfying(
            RestoreResult.NoSource.class,
            none ->
                assertThat(none.tried())
                    .containsEntry(new NodeId("owner"), "owner cannot be reached")
                    .containsEntry(new NodeId("bystander"), "bystander has no bucket/key"));
    assertThat(here.text(KEY)).isEmpty();
  }

  @Test
  void repairComparesABucketAndTellsWhatItFound() {
    owner.put(KEY, "whole");
    service.keys.add(KEY);

    RepairStatus status = service.repair(Optional.of(new BucketName("bucket")));

    assertThat(status.repaired()).isEqualTo(1);
    assertThat(status.endedAt()).isPresent();
    assertThat(service.repairs()).containsExactly(status);
    assertThat(service.lags()).extracting(ReplicaLag::inSync).containsExactly(true);
    assertThat(here.text(KEY)).contains("whole");
  }

  @Test
  void wrongValuesAreRefusedWithFieldAndValue() {
    assertThatThrownBy(() -> new RestoreRequest(KEY, Optional.empty(), List.of(), Duration.ZERO))
        .hasMessageContaining("limit is 'PT0S'");
    assertThatThrownBy(
            () -> new ReplicaLag(0, new NodeId("a"), "s", Duration.ofSeconds(-1), 0, true))
        .hasMessageContaining("lag is 'PT-1S'");
  }

  private static RestoreRequest request() {
    return new RestoreRequest(
        KEY, Optional.empty(), List.of(new NodeId("owner")), Duration.ofSeconds(1));
  }

  private static <T> T get(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  /** Asks the preferred peers, then all others. */
  private static final class Restorer implements ReplicationService {
    private final MemoryPeer here;
    private final Map<NodeId, MemoryPeer> peers = new TreeMap<>();
    private final List<RepairStatus> repairs = new ArrayList<>();
    private final List<BlobKey> keys = new ArrayList<>();

    Restorer(MemoryPeer here, List<MemoryPeer> peers) {
      this.here = here;
      peers.forEach(peer -> this.peers.put(peer.nodeId(), peer));
    }

    @Override
    public CompletionStage<RestoreResult> restore(RestoreRequest request) {
      Optional<BlobManifest> standing =
          here.manifest(request.key(), request.limit()).toCompletableFuture().join();
      if (standing.isPresent()) {
        return CompletableFuture.completedFuture(new RestoreResult.NotNeeded(standing.get()));
      }
      List<NodeId> order = new ArrayList<>(request.preferred());
      peers.keySet().stream().filter(node -> !order.contains(node)).forEach(order::add);
      Map<NodeId, String> tried = new TreeMap<>();
      for (NodeId source : order) {
        ReadRequest whole = ReadRequest.whole(request.key());
        try (FederatedRead read = peers.get(source).openRead(whole).toCompletableFuture().join()) {
          String text = new String(read.stream().readAllBytes(), StandardCharsets.UTF_8);
          here.put(request.key(), text);
          return CompletableFuture.completedFuture(
              new RestoreResult.Restored(read.manifest(), source));
        } catch (CompletionException e) {
          tried.put(source, ((WarehouseException) e.getCause()).detail());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return CompletableFuture.completedFuture(new RestoreResult.NoSource(tried));
    }

    @Override
    public RepairStatus repair(Optional<BucketName> bucket) {
      long repaired =
          keys.stream()
              .map(key -> new RestoreRequest(key, Optional.empty(), List.of(), ofOneSecond()))
              .map(request -> restore(request).toCompletableFuture().join())
              .filter(RestoreResult.Restored.class::isInstance)
              .count();
      RepairStatus status =
          new RepairStatus(
              "r1",
              bucket,
              Siblings.START,
              Optional.of(Siblings.START.plusSeconds(1)),
              keys.size(),
              repaired,
              0);
      repairs.add(0, status);
      return status;
    }

    private static Duration ofOneSecond() {
      return Duration.ofSeconds(1);
    }

    @Override
    public List<RepairStatus> repairs() {
      return List.copyOf(repairs);
    }

    @Override
    public List<ReplicaLag> lags() {
      return List.of(new ReplicaLag(0, here.nodeId(), "site", Duration.ZERO, 0, true));
    }
  }
}
