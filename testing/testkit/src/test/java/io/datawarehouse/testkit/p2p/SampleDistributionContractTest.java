package io.datawarehouse.testkit.p2p;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.p2p.P2PDataDistribution;
import io.datawarehouse.testkit.federation.SamplePeer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;

class SampleDistributionContractTest extends P2PDataDistributionContract {

  private final List<SamplePeer> peers =
      List.of(peer("a").admitted(), peer("b").admitted(), peer("c").admitted());
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final P2PDataDistribution distribution = make(peers, executor);

  /** Makes a peer; those that break the contract make others. */
  SamplePeer peer(String id) {
    return new SamplePeer(id);
  }

  /** Makes a distribution; those that break the contract make others. */
  P2PDataDistribution make(List<SamplePeer> to, Executor on) {
    return new SampleDistribution(to, on);
  }

  private SamplePeer at(NodeId peer) {
    return peers.stream().filter(known -> known.nodeId().equals(peer)).findFirst().orElseThrow();
  }

  @AfterEach
  void end() {
    peers.forEach(SamplePeer::release);
    executor.shutdownNow();
  }

  @Override
  protected P2PDataDistribution distribution() {
    return distribution;
  }

  @Override
  protected List<NodeId> peers() {
    return peers.stream().map(SamplePeer::nodeId).toList();
  }

  @Override
  protected BlobManifest manifest(BlobKey key, Bytes content, int version) {
    return SamplePeer.manifest(key, content, version);
  }

  @Override
  protected void put(NodeId peer, BlobManifest manifest, Bytes content) {
    at(peer).put(manifest, content);
  }

  @Override
  protected Optional<Bytes> contentAt(NodeId peer, BlobKey key) {
    return at(peer).content(key);
  }

  @Override
  protected void damage(NodeId peer, BlobKey key) {
    at(peer).damage(key);
  }

  @Override
  protected void cut(NodeId peer) {
    at(peer).reachable(false);
  }

  @Override
  protected void hold(NodeId peer) {
    at(peer).hold();
  }

  @Override
  protected void release() {
    peers.forEach(SamplePeer::release);
  }
}
