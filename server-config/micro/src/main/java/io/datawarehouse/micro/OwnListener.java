package io.datawarehouse.micro;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Tells whether it is this process that answers where the node is to listen. The server goes on
 * without its listener when another process took the port after it was found free, and whoever asks
 * there for this node's health then reads the other's. While the node is starting its answers carry
 * a word that only this process knows. Immutable.
 */
final class OwnListener {

  /** Read by the filter that answers while the node is starting. */
  static final String WORD_PROPERTY = "dw.micro.word";

  static final String HEADER = "DW-Start";

  private static final int TIMEOUT_MILLIS = 10_000;
  private static final int MOST_BYTES = 8 << 10;

  private final String word = UUID.randomUUID().toString();

  /** Lets the filter know the word; before the server is made. */
  void announce() {
    System.setProperty(WORD_PROPERTY, word);
  }

  /** Fails where somebody else answers, or nobody; while the node is still starting. */
  void requireAt(ListenAddress address) {
    String head;
    try {
      head = ask(address);
    } catch (IOException e) {
      throw new StartFailure("the server does not listen on " + address + ": " + e.getMessage(), e);
    }
    if (!head.contains("\r\n" + HEADER + ": " + word + "\r\n")) {
      throw new StartFailure("cannot listen on " + address + ": another process answers there");
    }
  }

  private static String ask(ListenAddress address) throws IOException {
    InetAddress host = InetAddress.getByName(address.bind());
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(
          new InetSocketAddress(
              host.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : host, address.port()),
          TIMEOUT_MILLIS);
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      return new String(in.readNBytes(MOST_BYTES), StandardCharsets.ISO_8859_1);
    }
  }
}
