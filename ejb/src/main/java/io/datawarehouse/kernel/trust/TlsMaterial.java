package io.datawarehouse.kernel.trust;

import io.datawarehouse.sdk.cluster.NodeId;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What a transport between nodes needs for mutual TLS. Thread-safe. Both managers are always the
 * same objects; what they answer changes when certificates are rotated, so that the next handshake
 * uses the new ones and no connection has to be cut.
 */
public interface TlsMaterial {

  /** Returns who presents this node's certificate. */
  X509ExtendedKeyManager keyManager();

  /** Returns who judges the certificates of others; a refusal is counted and audited there. */
  X509ExtendedTrustManager trustManager();

  /**
   * Returns whom a certificate names that was found good; empty where it cannot be read any more,
   * because the tokens were replaced since.
   */
  Optional<NodeId> nodeOf(X509Certificate certificate);
}
