package io.datawarehouse.testkit.replication;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.replication.ReplicationService;
import io.datawarehouse.testkit.federation.SamplePeer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;

class SampleRestorerContractTest extends ReplicationServiceContract {

  private final SamplePeer here = new SamplePeer("here").admitted();
  private final List<SamplePeer> peers =
      List.of(peer("a").admitted(), peer("b").admitted(), peer("c").admitted());
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final ReplicationService service = make(here, peers, executor);

  /** Makes a peer; those that break the contract make others. */
  SamplePeer peer(String id) {
    return new SamplePeer(id);
  }

  /** Makes a service; those that break the contract make others. */
  ReplicationService make(SamplePeer local, List<SamplePeer> others, Executor on) {
    return new SampleRestorer(local, others, on);
  }

  private SamplePeer at(NodeId node) {
    return peers.stream().filter(peer -> peer.nodeId().equals(node)).findFirst().orElse(here);
  }

  @AfterEach
  void end() {
    executor.shutdownNow();
  }

  @Override
  protected ReplicationService service() {
    return service;
  }

  @Override
  protected NodeId self() {
    return here.nodeId();
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
  protected void put(NodeId node, BlobManifest manifest, Bytes content) {
    at(node).put(manifest, content);
  }

  @Override
  protected Optional<Bytes> contentAt(NodeId node, BlobKey key) {
    return at(node).content(key);
  }

  @Override
  protected void damage(NodeId node, BlobKey key) {
    at(node).damage(key);
  }

  @Override
  protected void cut(NodeId peer) {
    at(peer).reachable(false);
  }

  @Override
  protected int readsAt(NodeId peer) {
    return at(peer).reads();
  }
}
