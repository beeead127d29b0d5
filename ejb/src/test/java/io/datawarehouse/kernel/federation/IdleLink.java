package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.PeerLink;
import io.datawarehouse.sdk.cluster.NodeId;
import java.io.InputStream;
import java.util.Set;

/** A link that is there, for choices that send nothing. */
record IdleLink(NodeId peer) implements PeerLink {

  @Override
  public long incarnation() {
    return 1;
  }

  @Override
  public Set<String> features() {
    return Set.of();
  }

  @Override
  public FrameCodec codec() {
    throw new AssertionError("nothing is sent");
  }

  @Override
  public Sending send(byte[] frame) {
    throw new AssertionError("nothing is sent");
  }

  @Override
  public void sendFirst(byte[] frame) {
    throw new AssertionError("nothing is sent");
  }

  @Override
  public int waiting() {
    return 0;
  }

  @Override
  public InputStream open(long content) {
    throw new AssertionError("nothing is read");
  }

  @Override
  public void cut(String reason) {}
}
