package io.datawarehouse.kernel.peer.grpc;

import io.datawarehouse.kernel.trust.TlsMaterial;
import io.datawarehouse.sdk.cluster.NodeId;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.Optional;

/** The end that was called. Thread-safe as {@link Wire} asks. */
final class AnswererWire implements Wire {

  private final ServerCall<Parcel, Parcel> call;
  private final Optional<TlsMaterial> tls;

  // Guarded by this.
  private boolean closed;

  AnswererWire(ServerCall<Parcel, Parcel> call, Optional<TlsMaterial> tls) {
    this.call = call;
    this.tls = tls;
  }

  @Override
  public boolean ready() {
    return call.isReady();
  }

  @Override
  public synchronized void send(Parcel parcel) {
    if (!closed) {
      call.sendMessage(parcel);
    }
  }

  @Override
  public void request(int count) {
    call.request(count);
  }

  @Override
  public void end() {
    close(Status.OK);
  }

  @Override
  public void abort(String reason) {
    close(Status.ABORTED.withDescription(reason));
  }

  /** Ends the stream with a status, once. */
  synchronized void close(Status status) {
    if (!closed) {
      closed = true;
      call.close(status, new Metadata());
    }
  }

  @Override
  public String remote() {
    return String.valueOf(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
  }

  @Override
  public Optional<NodeId> certified() {
    return Certified.peer(tls, call.getAttributes(), remote());
  }
}
