package io.datawarehouse.kernel.jgroups;

import io.datawarehouse.kernel.trust.TlsMaterial;
import io.datawarehouse.kernel.trust.TlsSessions;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jgroups.util.DefaultSocketFactory;

/**
 * Makes the sockets of a channel that speaks TLS alone: TLS 1.3 with certificates on both sides,
 * handshakes that are bounded in number and time, and no session that is taken up again.
 * Thread-safe.
 */
public final class TlsSockets {

  /** How long a handshake may take, whoever began it. */
  public static final Duration HANDSHAKE_LIMIT = Duration.ofSeconds(5);

  private static final String[] PROTOCOLS = {"TLSv1.3"};

  private final TlsMaterial material;
  private final SSLContext context;
  private final ThreadFactory threads;
  private final LongSupplier nanoTime;
  private final AtomicLong refusedServers = new AtomicLong();

  /**
   * Prepares.
   *
   * @param material certificates and who judges those of others
   * @param threads where threads for handshakes of those who connect come from
   * @param nanoTime a clock that only goes forward, like {@link System#nanoTime()}
   */
  public TlsSockets(TlsMaterial material, ThreadFactory threads, LongSupplier nanoTime) {
    this.material = material;
    this.threads = threads;
    this.nanoTime = nanoTime;
    try {
      context = SSLContext.getInstance(PROTOCOLS[0]);
      context.init(
          new KeyManager[] {material.keyManager()},
          new TrustManager[] {new Counting(material.trustManager(), refusedServers)},
          null);
    } catch (GeneralSecurityException e) {
      throw new WarehouseException(StandardErrorCode.BOOT_FAILED, "TLS cannot be prepared", e);
    }
    context.getClientSessionContext().setSessionTimeout(TlsSessions.CLIENT_SECONDS);
    context.getServerSessionContext().setSessionTimeout(TlsSessions.SERVER_SECONDS);
  }

  /** Returns how many nodes showed a certificate of another authority when they were asked. */
  public long refusedServers() {
    return refusedServers.get();
  }

  /** Returns what a transport makes its sockets with. */
  public DefaultSocketFactory factory() {
    DefaultSocketFactory factory =
        new DefaultSocketFactory(context) {
          @Override
          public ServerSocket createServerSocket(String name) throws IOException {
            SSLServerSocket inner = (SSLServerSocket) super.createServerSocket(name);
            return new GuardedServerSocket(
                inner, threads, nanoTime, HANDSHAKE_LIMIT, material::failed);
          }
        };
    factory.setSocketConfigurator(this::prepare);
    factory.setServerSocketConfigurator(TlsSockets::prepare);
    return factory;
  }

  private static void prepare(ServerSocket socket) {
    SSLParameters parameters = new SSLParameters();
    parameters.setProtocols(PROTOCOLS);
    parameters.setNeedClientAuth(true);
    ((SSLServerSocket) socket).setSSLParameters(parameters);
  }

  /** A frozen node accepts connections and never shakes hands: nobody waits for that for long. */
  private void prepare(Socket socket) {
    SSLSocket secured = (SSLSocket) socket;
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setProtocols(PROTOCOLS);
    secured.setSSLParameters(parameters);
    try {
      secured.setSoTimeout(Math.toIntExact(HANDSHAKE_LIMIT.toMillis()));
    } catch (SocketException e) {
      throw new WarehouseException(
          StandardErrorCode.INTERNAL_ERROR, "a socket takes no limit of time", e);
    }
    secured.addHandshakeCompletedListener(
        event -> {
          try {
            event.getSocket().setSoTimeout(0);
          } catch (SocketException e) {
            // It was closed in the meantime.
            System.getLogger(TlsSockets.class.getName())
                .log(System.Logger.Level.TRACE, "closed already", e);
          }
        });
  }

  /** Counts refusals of servers and leaves every judgement to another. */
  private static final class Counting extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager judge;
    private final AtomicLong refused;

    Counting(X509ExtendedTrustManager judge, AtomicLong refused) {
      this.judge = judge;
      this.refused = refused;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      judge.checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      judge.checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      judge.checkClientTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      counting(() -> judge.checkServerTrusted(chain, type, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      counting(() -> judge.checkServerTrusted(chain, type, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      counting(() -> judge.checkServerTrusted(chain, type));
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return judge.getAcceptedIssuers();
    }

    private void counting(Check check) throws CertificateException {
      try {
        check.run();
      } catch (CertificateException e) {
        refused.incrementAndGet();
        throw e;
      }
    }

    @FunctionalInterface
    private interface Check {
      void run() throws CertificateException;
    }
  }
}
