package io.datawarehouse.kernel.peer.grpc;

import io.datawarehouse.kernel.trust.TlsMaterial;
import io.datawarehouse.sdk.cluster.NodeId;
import io.grpc.ClientCall;
import java.util.Optional;

/** The end that opened the stream. Thread-safe as {@link Wire} asks. */
final class CallerWire implements Wire {

  private final ClientCall<Parcel, Parcel> call;
  private final String remote;
  private final Optional<TlsMaterial> tls;

  CallerWire(ClientCall<Parcel, Parcel> call, String remote, Optional<TlsMaterial> tls) {
    this.call = call;
    this.tls = tls;
    this.remote = remote;
  }

  @Override
  public boolean ready() {
    return call.isReady();
  }

  @Override
  public synchronized void send(Parcel parcel) {
    call.sendMessage(parcel);
  }

  @Override
  public void request(int count) {
    call.request(count);
  }

  @Override
  public synchronized void end() {
    call.halfClose();
  }

  @Override
  public void abort(String reason) {
    call.cancel(reason, null);
  }

  @Override
  public String remote() {
    return remote;
  }

  @Override
  public Optional<NodeId> certified() {
    return Certified.peer(tls, call.getAttributes(), remote());
  }
}
