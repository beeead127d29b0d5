package io.datawarehouse.benchmarks.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** One HTTP/1.1 connection that is kept as long as the server keeps it. Confined to one thread. */
final class Connection implements AutoCloseable {

  private static final int BUFFER = 64 * 1024;
  private static final byte[] BODY = body();

  private final int port;
  private final byte[] buffer = new byte[BUFFER];
  private @Nullable Socket socket;
  private int position;
  private int limit;

  Connection(int port) {
    this.port = port;
  }

  private static byte[] body() {
    byte[] bytes = new byte[BUFFER];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  /**
   * Sends a request with a body of random bytes and reads the answer to its end.
   *
   * @return how many bytes the answer's body has
   * @throws IOException also where the status is not 200 to 206
   */
  long exchange(String head, long bodySize) throws IOException {
    OutputStream out = open().getOutputStream();
    byte[] first = head.getBytes(StandardCharsets.ISO_8859_1);
    if (bodySize > 0 && first.length + bodySize <= BUFFER) {
      byte[] whole = Arrays.copyOf(first, first.length + (int) bodySize);
      System.arraycopy(BODY, 0, whole, first.length, (int) bodySize);
      out.write(whole);
    } else {
      out.write(first);
      for (long left = bodySize; left > 0; left -= BUFFER) {
        out.write(BODY, 0, (int) Math.min(left, BUFFER));
      }
    }
    return readAnswer();
  }

  /** Sends a request with a body and reads the answer to its end. */
  void send(String head, byte[] body) throws IOException {
    OutputStream out = open().getOutputStream();
    out.write(head.getBytes(StandardCharsets.ISO_8859_1));
    out.write(body);
    var unused = readAnswer();
  }

  private Socket open() throws IOException {
    if (socket == null) {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(30_000);
      position = 0;
      limit = 0;
    }
    return socket;
  }

  private long readAnswer() throws IOException {
    String status = line();
    long length = -1;
    boolean chunked = false;
    boolean last = false;
    for (String header = line(); !header.isEmpty(); header = line()) {
      String lower = header.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Long.parseLong(lower.substring(15).trim());
      } else if (lower.startsWith("transfer-encoding:")) {
        chunked = lower.contains("chunked");
      } else if (lower.startsWith("connection:")) {
        last = lower.contains("close");
      }
    }
    long size = chunked ? skipChunks() : skip(Math.max(0, length));
    if (last) {
      close();
    }
    if (!status.startsWith("HTTP/1.1 20")) {
      throw new IOException("the server answers " + status);
    }
    return size;
  }

  private long skipChunks() throws IOException {
    long size = 0;
    while (true) {
      String line = line();
      int extension = line.indexOf(';');
      long chunk = Long.parseLong(extension < 0 ? line : line.substring(0, extension), 16);
      size += skip(chunk);
      line();
      if (chunk == 0) {
        return size;
      }
    }
  }

  private long skip(long count) throws IOException {
    for (long left = count; left > 0; ) {
      if (position == limit) {
        fill();
      }
      int step = (int) Math.min(left, limit - position);
      position += step;
      left -= step;
    }
    return count;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder(64);
    while (true) {
      if (position == limit) {
        fill();
      }
      char c = (char) (buffer[position++] & 0xff);
      if (c == '\n') {
        int end = line.length();
        return line.substring(0, end > 0 && line.charAt(end - 1) == '\r' ? end - 1 : end);
      }
      line.append(c);
    }
  }

  private void fill() throws IOException {
    InputStream in = open().getInputStream();
    int count = in.read(buffer, 0, BUFFER);
    if (count < 0) {
      close();
      throw new EOFException("the server closed the connection in the middle of an answer");
    }
    position = 0;
    limit = count;
  }

  @Override
  public void close() throws IOException {
    if (socket != null) {
      socket.close();
      socket = null;
    }
  }
}
