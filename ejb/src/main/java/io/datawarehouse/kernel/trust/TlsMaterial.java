package io.datawarehouse.kernel.trust;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Optional;
import javax.net.ssl.SSLSession;
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
   * Judges, by what is in force now, who is at the other end of a session whose handshake is done,
   * whichever way it came about.
   *
   * @param from the address of the other end, for the audit
   * @return who it is; empty where it would not be let in, which is counted and audited
   */
  Optional<NodeId> peer(SSLSession session, String from);

  /**
   * Takes note of a handshake that failed with somebody who connected. Who was refused by it is
   * counted and audited, unless the trust manager did so; who only went away is not.
   *
   * @param failure how the TLS library says so
   * @param from the address that it came from
   */
  void failed(Throwable failure, String from);
}
