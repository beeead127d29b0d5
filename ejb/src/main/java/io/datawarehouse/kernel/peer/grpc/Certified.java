package io.datawarehouse.kernel.peer.grpc;

import io.datawarehouse.kernel.trust.TlsMaterial;
import io.datawarehouse.sdk.cluster.NodeId;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Reads from a certificate that was found good which node it belongs to. */
final class Certified {

  private Certified() {}

  /** Returns the node of the other end's certificate; empty where there is none. */
  static Optional<NodeId> nodeOf(Optional<TlsMaterial> tls, @Nullable SSLSession session) {
    if (tls.isEmpty() || session == null) {
      return Optional.empty();
    }
    try {
      Certificate[] chain = session.getPeerCertificates();
      return chain.length > 0 && chain[0] instanceof X509Certificate certificate
          ? tls.get().nodeOf(certificate)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }
}
