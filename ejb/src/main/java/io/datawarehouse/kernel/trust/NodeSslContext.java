package io.datawarehouse.kernel.trust;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A context of the platform whose sockets and engines begin with what nodes need, instead of with
 * what browsers do: TLS 1.3 alone, and clients are asked for a certificate. Thread-safe.
 *
 * <p>It takes up no earlier session ({@link TlsSessions}).
 */
final class NodeSslContext extends SSLContext {

  private static final String PROTOCOL = "TLSv1.3";

  private NodeSslContext(SSLContext context) {
    super(new Restricted(context), context.getProvider(), PROTOCOL);
  }

  static SSLContext of(KeyManager keys, TrustManager trust, SecureRandom random) {
    try {
      SSLContext context = SSLContext.getInstance(PROTOCOL);
      context.init(new KeyManager[] {keys}, new TrustManager[] {trust}, random);
      context.getServerSessionContext().setSessionTimeout(TlsSessions.SERVER_SECONDS);
      return new NodeSslContext(context);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + PROTOCOL, e);
    }
  }

  private static SSLParameters restricted(SSLParameters parameters) {
    parameters.setProtocols(new String[] {PROTOCOL});
    parameters.setNeedClientAuth(true);
    return parameters;
  }

  private static final class Restricted extends SSLContextSpi {

    private final SSLContext context;

    Restricted(SSLContext context) {
      this.context = context;
    }

    @Override
    protected void engineInit(
        KeyManager @Nullable [] keys,
        TrustManager @Nullable [] trust,
        @Nullable SecureRandom random) {
      throw new IllegalStateException("the context of a node is made ready once");
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
      return new Sockets(context.getSocketFactory());
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
      return new ServerSockets(context.getServerSocketFactory());
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
      return restrict(context.createSSLEngine());
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(@Nullable String host, int port) {
      return restrict(context.createSSLEngine(host, port));
    }

    private static SSLEngine restrict(SSLEngine engine) {
      engine.setSSLParameters(restricted(engine.getSSLParameters()));
      return engine;
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
      return context.getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
      return context.getClientSessionContext();
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
      return restricted(context.getDefaultSSLParameters());
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
      return restricted(context.getSupportedSSLParameters());
    }
  }

  private static final class ServerSockets extends SSLServerSocketFactory {

    private final SSLServerSocketFactory factory;

    ServerSockets(SSLServerSocketFactory factory) {
      this.factory = factory;
    }

    @Override
    public String[] getDefaultCipherSuites() {
      return factory.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
      return factory.getSupportedCipherSuites();
    }

    @Override
    public ServerSocket createServerSocket() throws IOException {
      return restrict(factory.createServerSocket());
    }

    @Override
    public ServerSocket createServerSocket(int port) throws IOException {
      return restrict(factory.createServerSocket(port));
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog) throws IOException {
      return restrict(factory.createServerSocket(port, backlog));
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog, @Nullable InetAddress address)
        throws IOException {
      return restrict(factory.createServerSocket(port, backlog, address));
    }

    private static ServerSocket restrict(ServerSocket socket) {
      if (socket instanceof SSLServerSocket server) {
        server.setSSLParameters(restricted(server.getSSLParameters()));
      }
      return socket;
    }
  }

  private static final class Sockets extends SSLSocketFactory {

    private final SSLSocketFactory factory;

    Sockets(SSLSocketFactory factory) {
      this.factory = factory;
    }

    @Override
    public String[] getDefaultCipherSuites() {
      return factory.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
      return factory.getSupportedCipherSuites();
    }

    @Override
    public Socket createSocket() throws IOException {
      return restrict(factory.createSocket());
    }

    @Override
    public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
        throws IOException {
      return restrict(factory.createSocket(socket, host, port, autoClose));
    }

    @Override
    public Socket createSocket(Socket socket, InputStream consumed, boolean autoClose)
        throws IOException {
      return restrict(factory.createSocket(socket, consumed, autoClose));
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      return restrict(factory.createSocket(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
        throws IOException {
      return restrict(factory.createSocket(host, port, local, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      return restrict(factory.createSocket(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
        throws IOException {
      return restrict(factory.createSocket(host, port, local, localPort));
    }

    private static Socket restrict(Socket socket) {
      if (socket instanceof SSLSocket secured) {
        secured.setSSLParameters(restricted(secured.getSSLParameters()));
      }
      return socket;
    }
  }
}
