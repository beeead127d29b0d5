package io.datawarehouse.it.rest;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** One connection, and nothing between a test and its bytes. */
final class Wire implements AutoCloseable {

  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

  private final Socket socket;
  private final InputStream in;

  Wire(int port) throws IOException {
    this(new Socket(), port);
  }

  private Wire(Socket socket, int port) throws IOException {
    this.socket = socket;
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) LONGEST_SILENCE.toMillis());
    in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
  }

  /** Returns a connection in which hardly anything fits that is not read. */
  static Wire thatTakesLittle(int port) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4096);
    return new Wire(socket, port);
  }

  /** Sends characters, each as one byte. */
  Wire send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  Wire send(byte[] bytes) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(bytes);
    out.flush();
    return this;
  }

  /** Sends a body as far as the node takes it: it may answer, and close, before it has read all. */
  void sendUnlessRefused(byte[] bytes) throws IOException {
    try {
      send(bytes);
    } catch (SocketException e) {
      // The answer says why, and fails to be read where there is none.
      in.mark(1);
      if (in.read() < 0) {
        throw e;
      }
      in.reset();
    }
  }

  /** Says that nothing more is sent; the other direction stays open. */
  Wire sendEnd() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  InputStream in() {
    return in;
  }

  OutputStream out() throws IOException {
    return socket.getOutputStream();
  }

  Answer read() throws IOException {
    return Answer.read(in, false);
  }

  /** Returns whether the node closes the connection, and sends nothing before it does. */
  boolean isClosedByNode() throws IOException {
    try {
      return in.read() < 0;
    } catch (SocketException e) {
      return true; // Reset: it was closed over bytes that it did not read.
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
