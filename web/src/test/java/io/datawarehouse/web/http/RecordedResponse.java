package io.datawarehouse.web.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A response that remembers what it was given, and can lose its client. */
public final class RecordedResponse implements HttpResponse {

  private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private int clientLeavesAfter = Integer.MAX_VALUE;
  private int status = 200;
  private boolean committed;
  private boolean closed;

  /** Makes every write behind that many bytes fail. */
  public RecordedResponse clientLeavesAfter(int bytes) {
    clientLeavesAfter = bytes;
    return this;
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public void status(int newStatus) {
    status = newStatus;
  }

  /** Returns the headers, whatever the case of their names. */
  public Map<String, String> headers() {
    return headers;
  }

  @Override
  public @Nullable String header(String name) {
    return headers.get(name);
  }

  @Override
  public void header(String name, String value) {
    headers.put(name, value);
  }

  @Override
  public void contentLength(long length) {
    headers.put("Content-Length", Long.toString(length));
  }

  /** Returns the bytes of the body. */
  public byte[] body() {
    return body.toByteArray();
  }

  /** Returns whether the body was ended in order. */
  public boolean isClosed() {
    return closed;
  }

  @Override
  public boolean isCommitted() {
    return committed;
  }

  @Override
  public void reset() {
    if (committed) {
      throw new IllegalStateException("the response has gone out");
    }
    headers.clear();
    body.reset();
    status = 200;
  }

  @Override
  public OutputStream content() {
    return new Stream();
  }

  @Override
  public void flush() {
    committed = true;
  }

  private final class Stream extends OutputStream {

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      if (body.size() + length > clientLeavesAfter) {
        throw new IOException("the client has gone");
      }
      body.write(source, offset, length);
    }

    @Override
    public void flush() {
      committed = true;
    }

    @Override
    public void close() {
      committed = true;
      closed = true;
    }
  }
}
