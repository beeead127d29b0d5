package io.datawarehouse.kernel.peer.grpc;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Reads from a certificate that was found good which node it belongs to. */
final class Certified {

  private static final String NODE_URI = "datawarehouse:node:";
  private static final int URI_NAME = 6;

  private Certified() {}

  /** Returns the node of the other end's certificate; empty where there is none. */
  static Optional<NodeId> nodeOf(@Nullable SSLSession session) {
    if (session == null) {
      return Optional.empty();
    }
    try {
      Certificate[] chain = session.getPeerCertificates();
      return chain.length > 0 && chain[0] instanceof X509Certificate certificate
          ? nodeOf(certificate)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  private static Optional<NodeId> nodeOf(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      if (names == null) {
        return Optional.empty();
      }
      return names.stream()
          .filter(name -> Integer.valueOf(URI_NAME).equals(name.get(0)))
          .map(name -> String.valueOf(name.get(1)))
          .filter(uri -> uri.startsWith(NODE_URI))
          .map(uri -> new NodeId(uri.substring(NODE_URI.length())))
          .findFirst();
    } catch (CertificateParsingException | WarehouseException e) {
      return Optional.empty();
    }
  }
}
