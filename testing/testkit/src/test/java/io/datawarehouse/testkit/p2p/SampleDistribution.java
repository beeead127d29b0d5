package io.datawarehouse.testkit.p2p;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.federation.ContentForm;
import io.datawarehouse.sdk.federation.FederatedRead;
import io.datawarehouse.sdk.federation.FederatedWrite;
import io.datawarehouse.sdk.federation.FederationNode;
import io.datawarehouse.sdk.federation.ReadRequest;
import io.datawarehouse.sdk.p2p.ContentSource;
import io.datawarehouse.sdk.p2p.CopyReport;
import io.datawarehouse.sdk.p2p.P2PDataDistribution;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Asks all targets at once, and one source after the other. Thread-safe. */
class SampleDistribution implements P2PDataDistribution {

  private final Map<NodeId, FederationNode> peers = new TreeMap<>();
  private final Executor executor;

  SampleDistribution(List<? extends FederationNode> peers, Executor executor) {
    peers.forEach(peer -> this.peers.put(peer.nodeId(), peer));
    this.executor = executor;
  }

  @Override
  public CompletionStage<CopyReport> distribute(
      BlobManifest manifest,
      ContentSource content,
      ContentForm form,
      List<NodeId> targets,
      int enough,
      Duration limit) {
    List<CopyReport.Copy> copies = new ArrayList<>();
    CompletableFuture<CopyReport> result = new CompletableFuture<>();
    if (enough == 0) {
      result.complete(new CopyReport(List.of()));
    }
    for (NodeId target : targets) {
      executor.execute(
          () -> {
            CopyReport.Copy copy = tryToCopy(manifest, content, form, target, limit);
            synchronized (copies) {
              copies.add(copy);
              CopyReport report = new CopyReport(copies);
              if (report.done() >= enough || copies.size() == targets.size()) {
                result.complete(report);
              }
            }
          });
    }
    return result
        .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(
            late -> {
              synchronized (copies) {
                return new CopyReport(copies);
              }
            });
  }

  private CopyReport.Copy tryToCopy(
      BlobManifest manifest,
      ContentSource content,
      ContentForm form,
      NodeId target,
      Duration limit) {
    try {
      return copy(manifest, content, form, target, limit);
    } catch (WarehouseException e) {
      return failed(target, e.code(), e.detail());
    } catch (CompletionException e) {
      WarehouseException cause = (WarehouseException) e.getCause();
      return failed(target, cause.code(), cause.detail());
    } catch (IOException e) {
      return failed(target, StandardErrorCode.STORAGE_FAILED, e.getMessage());
    }
  }

  /** Tells of a failure. */
  CopyReport.Copy failed(NodeId target, ErrorCode code, String detail) {
    return new CopyReport.Copy.Failed(target, code, detail);
  }

  /** Copies to one target. */
  CopyReport.Copy copy(
      BlobManifest manifest, ContentSource content, ContentForm form, NodeId target, Duration stall)
      throws IOException {
    try (FederatedWrite write = peers.get(target).openWrite(manifest, form, stall);
        InputStream in = content.open(0, manifest.size())) {
      byte[] buffer = new byte[bufferSize()];
      for (int read = in.readNBytes(buffer, 0, buffer.length);
          read > 0;
          read = in.readNBytes(buffer, 0, buffer.length)) {
        write.write(buffer, 0, read);
      }
      return new CopyReport.Copy.Done(target, write.commit().toCompletableFuture().join());
    }
  }

  /** Returns how many bytes are held of a copy. */
  int bufferSize() {
    return 64 << 10;
  }

  @Override
  public CompletionStage<FederatedRead> fetch(ReadRequest request, List<NodeId> sources) {
    StandardErrorCode worst = StandardErrorCode.NO_SUCH_BLOB;
    for (NodeId source : sources) {
      try {
        return CompletableFuture.completedFuture(
            peers.get(source).openRead(request).toCompletableFuture().join());
      } catch (CompletionException e) {
        if (((WarehouseException) e.getCause()).code() != StandardErrorCode.NO_SUCH_BLOB) {
          worst = StandardErrorCode.UNAVAILABLE;
        }
      }
    }
    return CompletableFuture.failedFuture(new WarehouseException(worst, "nobody gave it"));
  }

  @Override
  public CompletionStage<Map<NodeId, BlobManifest>> locate(
      BlobKey key, List<NodeId> nodes, Duration limit) {
    Map<NodeId, BlobManifest> found = new TreeMap<>();
    for (NodeId node : nodes) {
      try {
        peers
            .get(node)
            .manifest(key, limit)
            .toCompletableFuture()
            .join()
            .ifPresent(manifest -> found.put(node, manifest));
      } catch (CompletionException e) {
        found.remove(node);
      }
    }
    return CompletableFuture.completedFuture(found);
  }
}
