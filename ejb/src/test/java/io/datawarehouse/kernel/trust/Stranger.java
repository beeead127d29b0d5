package io.datawarehouse.kernel.trust;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Somebody on the network without the join token, who trusts everybody, asks everywhere, and keeps
 * all that it is given. Confined to one thread.
 */
public final class Stranger {

  private static final int PATIENCE_MILLIS = 700;

  /** Longer than any pause of the machine: who breaks off is refused for another reason. */
  private static final int HANDSHAKE_MILLIS = 60_000;

  private final List<byte[]> heard = new ArrayList<>();
  private final List<X509Certificate> certificates = new ArrayList<>();

  /** Connects by TLS and asks, without a certificate. */
  public void tls(InetSocketAddress place, String protocol, byte[] question) {
    try (SSLSocket socket = (SSLSocket) trusting().getSocketFactory().createSocket()) {
      socket.connect(place, 5_000);
      socket.setSoTimeout(HANDSHAKE_MILLIS);
      socket.setEnabledProtocols(new String[] {protocol});
      socket.startHandshake();
      socket.setSoTimeout(PATIENCE_MILLIS);
      see(socket.getSession());
      socket.getOutputStream().write(question);
      listen(socket.getInputStream());
    } catch (IOException e) {
      // What the failure says came from the other side, too.
      heard.add(String.valueOf(e.getMessage()).getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Connects in plain text and asks. */
  public void plain(InetSocketAddress place, byte[] question) {
    try (Socket socket = new Socket()) {
      socket.connect(place, 5_000);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(question);
      listen(socket.getInputStream());
    } catch (IOException e) {
      heard.add(String.valueOf(e.getMessage()).getBytes(StandardCharsets.UTF_8));
    }
  }

  private void listen(InputStream in) throws IOException {
    byte[] buffer = new byte[16_384];
    try {
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        heard.add(java.util.Arrays.copyOf(buffer, length));
      }
    } catch (SocketTimeoutException e) {
      // Nothing more comes.
    }
  }

  /** Sends a datagram to a group, from every interface, and takes all that comes back. */
  public void ask(InetSocketAddress group, byte[] question) throws IOException {
    try (MulticastSocket socket = new MulticastSocket(0)) {
      socket.setTimeToLive(0);
      socket.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, true);
      socket.setSoTimeout(PATIENCE_MILLIS);
      for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        if (each.isUp() && each.inetAddresses().anyMatch(java.net.Inet4Address.class::isInstance)) {
          socket.setNetworkInterface(each);
          socket.send(new DatagramPacket(question, question.length, group));
        }
      }
      take(socket);
    }
  }

  /** Takes part in a group on the loopback interface and keeps what is said there. */
  public MulticastSocket overhear(InetSocketAddress group) throws IOException {
    MulticastSocket socket = new MulticastSocket(group.getPort());
    NetworkInterface loopback =
        NetworkInterface.getByInetAddress(InetAddress.getByName("127.0.0.1"));
    socket.joinGroup(group, loopback);
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  /** Takes what came to a socket until it is quiet; returns how many datagrams that were. */
  public int take(MulticastSocket socket) throws IOException {
    int before = heard.size();
    byte[] buffer = new byte[65_536];
    try {
      while (heard.size() - before < 100) {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        heard.add(java.util.Arrays.copyOf(buffer, packet.getLength()));
      }
    } catch (SocketTimeoutException e) {
      // Nothing more comes.
    }
    return heard.size() - before;
  }

  /** Returns how many pieces it was given after so many. */
  public int heardSince(int earlier) {
    return heard.size() - earlier;
  }

  /** Returns the certificates that it was shown. */
  public List<X509Certificate> certificates() {
    return List.copyOf(certificates);
  }

  /** Returns all that it was given as one text, in lower case, a character a byte. */
  public String all() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    heard.forEach(all::writeBytes);
    return all.toString(StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
  }

  private void see(SSLSession session) throws IOException {
    for (Certificate shown : session.getPeerCertificates()) {
      keep((X509Certificate) shown);
    }
  }

  private void keep(X509Certificate certificate) {
    try {
      certificates.add(certificate);
      heard.add(certificate.getEncoded());
      heard.add(certificate.toString().getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private SSLContext trusting() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Everybody()}, new SecureRandom());
      return context;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** Trusts everybody and keeps the certificates, also where the handshake fails after all. */
  private final class Everybody extends X509ExtendedTrustManager {
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
      List.of(chain).forEach(Stranger.this::keep);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      List.of(chain).forEach(Stranger.this::keep);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      List.of(chain).forEach(Stranger.this::keep);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
