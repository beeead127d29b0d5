package io.datawarehouse.testkit.federation;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.federation.FederationHello;
import io.datawarehouse.sdk.federation.FederationNode;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.plugin.SdkVersion;
import java.util.Optional;
import java.util.Set;

class SamplePeerContractTest extends FederationNodeContract {

  private final SamplePeer peer = make("peer");

  /** Makes a peer; those that break the contract make others. */
  SamplePeer make(String id) {
    return new SamplePeer(id);
  }

  @Override
  protected FederationNode peer() {
    return peer;
  }

  @Override
  protected FederationHello hello() {
    return new FederationHello(
        new NodeId("here"), 1, "dw", SdkVersion.CURRENT, 2, 5, Set.of("zstd", "lz4"));
  }

  @Override
  protected BlobManifest manifest(BlobKey key, Bytes content, int version) {
    return SamplePeer.manifest(key, content, version);
  }

  @Override
  protected void put(BlobManifest manifest, Bytes content) {
    peer.put(manifest, content);
  }

  @Override
  protected Optional<Bytes> contentAtPeer(BlobKey key) {
    return peer.content(key);
  }

  @Override
  protected void damage(BlobKey key) {
    peer.damage(key);
  }

  @Override
  protected void cut() {
    peer.reachable(false);
  }

  @Override
  protected void mend() {
    peer.reachable(true);
  }
}
