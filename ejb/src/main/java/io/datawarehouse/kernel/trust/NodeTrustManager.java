package io.datawarehouse.kernel.trust;

import io.datawarehouse.kernel.trust.CertificateJudge.Purpose;
import io.datawarehouse.sdk.cluster.NodeId;
import java.net.Socket;
import java.net.SocketAddress;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Lets in whom a judge admits. What the other end is told is the same for all reasons; it names no
 * issuers either, so that a stranger learns nothing from it. Thread-safe.
 */
final class NodeTrustManager extends X509ExtendedTrustManager {

  private static final String UNKNOWN = "an unknown address";

  /** Judges a chain; what it does not admit, it counts and audits. */
  @FunctionalInterface
  interface Gate {
    Optional<NodeId> admit(X509Certificate[] chain, Set<Purpose> purposes, String from);
  }

  private final Gate gate;

  NodeTrustManager(Gate gate) {
    this.gate = gate;
  }

  @Override
  public void checkClientTrusted(
      X509Certificate[] chain, @Nullable String authType, @Nullable Socket socket)
      throws CertificateException {
    check(chain, Purpose.CLIENT, addressOf(socket));
  }

  @Override
  public void checkServerTrusted(
      X509Certificate[] chain, @Nullable String authType, @Nullable Socket socket)
      throws CertificateException {
    check(chain, Purpose.SERVER, addressOf(socket));
  }

  @Override
  public void checkClientTrusted(
      X509Certificate[] chain, @Nullable String authType, @Nullable SSLEngine engine)
      throws CertificateException {
    check(chain, Purpose.CLIENT, addressOf(engine));
  }

  @Override
  public void checkServerTrusted(
      X509Certificate[] chain, @Nullable String authType, @Nullable SSLEngine engine)
      throws CertificateException {
    check(chain, Purpose.SERVER, addressOf(engine));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, @Nullable String authType)
      throws CertificateException {
    check(chain, Purpose.CLIENT, UNKNOWN);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, @Nullable String authType)
      throws CertificateException {
    check(chain, Purpose.SERVER, UNKNOWN);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }

  private void check(X509Certificate[] chain, Purpose purpose, String from)
      throws CertificateException {
    if (gate.admit(chain, EnumSet.of(purpose), from).isEmpty()) {
      throw new FailedHandshake.Judged();
    }
  }

  private static String addressOf(@Nullable Socket socket) {
    SocketAddress address = socket == null ? null : socket.getRemoteSocketAddress();
    return address == null ? UNKNOWN : address.toString();
  }

  private static String addressOf(@Nullable SSLEngine engine) {
    String host = engine == null ? null : engine.getPeerHost();
    return engine == null || host == null ? UNKNOWN : host + ":" + engine.getPeerPort();
  }
}
