package io.datawarehouse.kernel.peer.grpc;

import io.datawarehouse.kernel.trust.TlsMaterial;
import io.datawarehouse.sdk.cluster.NodeId;
import io.grpc.Attributes;
import io.grpc.Grpc;
import java.util.Optional;

/** Finds out from the connection of a call which node is at its other end. */
final class Certified {

  private Certified() {}

  /**
   * Judges the other end by what is in force now, whatever was thought of it in its handshake.
   *
   * @param remote its address, for the audit
   * @return the node of its certificate; empty where there is none or it is good no more
   */
  static Optional<NodeId> peer(Optional<TlsMaterial> tls, Attributes connection, String remote) {
    return tls.flatMap(
        material ->
            Optional.ofNullable(connection.get(Grpc.TRANSPORT_ATTR_SSL_SESSION))
                .flatMap(session -> material.peer(session, remote)));
  }
}
