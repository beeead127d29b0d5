package io.datawarehouse.testkit.replication;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.federation.FederatedRead;
import io.datawarehouse.sdk.federation.ReadRequest;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.replication.RepairStatus;
import io.datawarehouse.sdk.replication.ReplicaLag;
import io.datawarehouse.sdk.replication.ReplicationService;
import io.datawarehouse.sdk.replication.RestoreRequest;
import io.datawarehouse.sdk.replication.RestoreResult;
import io.datawarehouse.testkit.federation.SamplePeer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Asks the preferred peers for the newest version, then all others. Thread-safe. */
class SampleRestorer implements ReplicationService {

  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final SamplePeer here;
  private final Map<NodeId, SamplePeer> peers = new TreeMap<>();
  private final Executor executor;
  private final Map<BlobKey, CompletableFuture<RestoreResult>> underWay = new HashMap<>();
  private final List<RepairStatus> repairs = new ArrayList<>();

  SampleRestorer(SamplePeer here, List<SamplePeer> peers, Executor executor) {
    this.here = here;
    peers.forEach(peer -> this.peers.put(peer.nodeId(), peer));
    this.executor = executor;
  }

  @Override
  public CompletionStage<RestoreResult> restore(RestoreRequest request) {
    if (!once()) {
      return CompletableFuture.supplyAsync(() -> restored(request), executor);
    }
    synchronized (underWay) {
      CompletableFuture<RestoreResult> known = underWay.get(request.key());
      if (known != null) {
        return known;
      }
      CompletableFuture<RestoreResult> begun = new CompletableFuture<>();
      underWay.put(request.key(), begun);
      executor.execute(
          () -> {
            RestoreResult result = restored(request);
            synchronized (underWay) {
              underWay.remove(request.key());
            }
            begun.complete(result);
          });
      return begun;
    }
  }

  /** Returns whether a blob is restored once for all that ask for it. */
  boolean once() {
    return true;
  }

  private RestoreResult restored(RestoreRequest request) {
    Optional<BlobManifest> standing =
        here.content(request.key()).flatMap(whole -> here.standing(request.key()));
    Map<NodeId, String> tried = new TreeMap<>();
    Map<NodeId, BlobManifest> offers = new HashMap<>();
    for (NodeId peer : order(request)) {
      try {
        Optional<BlobManifest> manifest =
            peers.get(peer).manifest(request.key(), LIMIT).toCompletableFuture().join();
        manifest.ifPresentOrElse(
            offered -> offers.put(peer, offered), () -> tried.put(peer, "has none"));
      } catch (CompletionException e) {
        tried.put(peer, ((WarehouseException) e.getCause()).detail());
      }
    }
    List<NodeId> sources =
        order(request).stream()
            .filter(offers::containsKey)
            .filter(peer -> wanted(request, offers.get(peer)))
            .filter(peer -> standing.isEmpty() || isNewer(offers.get(peer), standing.get()))
            .sorted(
                Comparator.comparing((NodeId peer) -> offers.get(peer).lastModified()).reversed())
            .toList();
    for (NodeId source : sources) {
      try {
        return taken(request.key(), source);
      } catch (WarehouseException e) {
        tried.put(source, e.detail());
      }
    }
    return standing.isPresent()
        ? new RestoreResult.NotNeeded(standing.get())
        : new RestoreResult.NoSource(tried);
  }

  private static boolean wanted(RestoreRequest request, BlobManifest offered) {
    return request.etag().isEmpty() || request.etag().get().equals(offered.etag());
  }

  /** Returns whether a version has seen the one that stands here. */
  boolean isNewer(BlobManifest offered, BlobManifest standing) {
    return offered.lastModified().isAfter(standing.lastModified());
  }

  private List<NodeId> order(RestoreRequest request) {
    List<NodeId> order = new ArrayList<>(request.preferred());
    peers.keySet().stream().filter(peer -> !order.contains(peer)).forEach(order::add);
    return onlyPreferred() && !request.preferred().isEmpty() ? request.preferred() : order;
  }

  /** Returns whether nobody but the preferred is asked. */
  boolean onlyPreferred() {
    return false;
  }

  private RestoreResult taken(BlobKey key, NodeId source) {
    try (FederatedRead read =
        peers.get(source).openRead(ReadRequest.whole(key)).toCompletableFuture().join()) {
      Bytes content = Bytes.copyOf(read.stream().readAllBytes());
      here.put(read.manifest(), content);
      return new RestoreResult.Restored(read.manifest(), source);
    } catch (CompletionException e) {
      throw (WarehouseException) e.getCause();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public RepairStatus repair(Optional<BucketName> bucket) {
    synchronized (repairs) {
      for (RepairStatus status : repairs) {
        if (status.bucket().equals(bucket) && status.endedAt().isEmpty()) {
          return status;
        }
      }
      RepairStatus begun =
          new RepairStatus(
              "repair-" + repairs.size(), bucket, Versions.START, Optional.empty(), 0, 0, 0);
      repairs.add(0, begun);
      executor.execute(() -> compareAll(begun));
      return begun;
    }
  }

  private void compareAll(RepairStatus begun) {
    Set<BlobKey> keys = new TreeSet<>(Comparator.comparing(BlobKey::key));
    keys.addAll(here.keys());
    peers.values().forEach(peer -> keys.addAll(peer.keys()));
    long repaired = 0;
    long failed = 0;
    for (BlobKey key : keys) {
      RestoreResult result = restored(new RestoreRequest(key, Optional.empty(), List.of(), LIMIT));
      repaired += result instanceof RestoreResult.Restored ? 1 : 0;
      failed += result instanceof RestoreResult.NoSource ? 1 : 0;
    }
    synchronized (repairs) {
      repairs.set(
          repairs.indexOf(begun),
          new RepairStatus(
              begun.id(),
              begun.bucket(),
              begun.startedAt(),
              Optional.of(Versions.START.plusSeconds(1)),
              keys.size(),
              repaired,
              failed));
    }
  }

  @Override
  public List<RepairStatus> repairs() {
    synchronized (repairs) {
      return List.copyOf(repairs);
    }
  }

  @Override
  public List<ReplicaLag> lags() {
    return List.of(new ReplicaLag(0, here.nodeId(), "site", Duration.ZERO, 0, true));
  }
}
