package io.datawarehouse.sdk.p2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.federation.ContentForm;
import io.datawarehouse.sdk.federation.CopyOutcome;
import io.datawarehouse.sdk.federation.FederatedRead;
import io.datawarehouse.sdk.federation.FederatedWrite;
import io.datawarehouse.sdk.federation.FederationNode;
import io.datawarehouse.sdk.federation.MemoryPeer;
import io.datawarehouse.sdk.federation.ReadRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** A use of distribution: copies for three owners of which one is away, and the way back. */
class DataDistributionUseTest {

  private static final Duration LIMIT = Duration.ofSeconds(1);
  private static final BlobKey KEY = BlobKey.of("bucket", "key");
  private static final List<NodeId> ALL =
      List.of(new NodeId("a"), new NodeId("b"), new NodeId("c"));

  private final MemoryPeer a = new MemoryPeer("a");
  private final MemoryPeer b = new MemoryPeer("b");
  private final MemoryPeer c = new MemoryPeer("c");
  private final P2PDataDistribution distribution = new OneByOne(List.of(a, b, c));

  @Test
  void enoughCopiesAreMadeThoughOneTargetIsAway() {
    b.reachable = false;
    BlobManifest manifest = MemoryPeer.manifestOf(KEY, "content");

    CopyReport report =
        get(
            distribution.distribute(
                manifest, content("content"), ContentForm.PLAIN, ALL, 2, LIMIT));

    assertThat(report.done()).isEqualTo(2);
    assertThat(report.copies())
        .containsExactly(
            new CopyReport.Copy.Done(ALL.get(0), new CopyOutcome.Stored(manifest)),
            new CopyReport.Copy.Failed(
                ALL.get(1), StandardErrorCode.UNAVAILABLE, "b cannot be reached"),
            new CopyReport.Copy.Done(ALL.get(2), new CopyOutcome.Stored(manifest)));
    assertThat(List.of(a.text(KEY), c.text(KEY))).allMatch(text -> text.isPresent());
    assertThat(get(distribution.locate(KEY, ALL, LIMIT))).containsOnlyKeys(ALL.get(0), ALL.get(2));
  }

  @Test
  void contentIsFetchedFromTheFirstThatHasIt() throws IOException {
    a.reachable = false;
    c.put(KEY, "found at c");

    try (FederatedRead read = get(distribution.fetch(ReadRequest.part(KEY, 6, 4), ALL))) {
      assertThat(read.stream().readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("at c");
    }
    c.reachable = false;
    assertThatThrownBy(() -> get(distribution.fetch(ReadRequest.whole(KEY), ALL)))
        .hasMessageContaining("UNAVAILABLE");
    assertThatThrownBy(
            () -> get(distribution.fetch(ReadRequest.whole(KEY), List.of(new NodeId("b")))))
        .hasMessageContaining("NO_SUCH_BLOB");
  }

  private static ContentSource content(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return (offset, length) -> new ByteArrayInputStream(bytes, (int) offset, (int) length);
  }

  private static <T> T get(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  /** Asks one peer after the other. */
  private static final class OneByOne implements P2PDataDistribution {
    private final Map<NodeId, FederationNode> peers = new TreeMap<>();

    OneByOne(List<MemoryPeer> peers) {
      peers.forEach(peer -> this.peers.put(peer.nodeId(), peer));
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
      for (NodeId target : targets) {
        try {
          copies.add(
              new CopyReport.Copy.Done(target, copy(manifest, content, form, target, limit)));
        } catch (WarehouseException e) {
          copies.add(new CopyReport.Copy.Failed(target, e.code(), e.detail()));
        }
      }
      return CompletableFuture.completedFuture(new CopyReport(copies));
    }

    private CopyOutcome copy(
        BlobManifest manifest,
        ContentSource content,
        ContentForm form,
        NodeId target,
        Duration stall) {
      byte[] buffer = new byte[3];
      try (FederatedWrite write = peers.get(target).openWrite(manifest, form, stall);
          InputStream in = content.open(0, manifest.size())) {
        for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
          write.write(buffer, 0, read);
        }
        return write.commit().toCompletableFuture().join();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
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
        peers
            .get(node)
            .manifest(key, limit)
            .whenComplete(
                (manifest, failure) -> {
                  if (failure == null) {
                    manifest.ifPresent(known -> found.put(node, known));
                  }
                });
      }
      return CompletableFuture.completedFuture(found);
    }
  }
}
