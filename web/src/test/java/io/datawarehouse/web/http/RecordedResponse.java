package io.datawarehouse.web.http;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.TreeMap;

/** A response that remembers what it was given, and can lose its client. */
public final class RecordedResponse {

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

  /** Returns the status. */
  public int status() {
    return status;
  }

  /** Returns the headers, whatever the case of their names. */
  public Map<String, String> headers() {
    return headers;
  }

  /** Returns the bytes of the body. */
  public byte[] body() {
    return body.toByteArray();
  }

  /** Returns whether the body was ended in order. */
  public boolean isClosed() {
    return closed;
  }

  /** Returns whether anything was sent. */
  public boolean isCommitted() {
    return committed;
  }

  /** Returns the response. */
  public HttpServletResponse build() {
    return (HttpServletResponse)
        Proxy.newProxyInstance(
            RecordedResponse.class.getClassLoader(),
            new Class<?>[] {HttpServletResponse.class},
            (proxy, method, arguments) -> {
              switch (method.getName()) {
                case "setStatus" -> status = (Integer) arguments[0];
                case "setHeader" -> headers.put((String) arguments[0], (String) arguments[1]);
                case "setContentLengthLong" ->
                    headers.put("Content-Length", arguments[0].toString());
                case "flushBuffer" -> committed = true;
                case "getStatus" -> {
                  return status;
                }
                case "isCommitted" -> {
                  return committed;
                }
                case "getOutputStream" -> {
                  return new Stream();
                }
                default -> throw new UnsupportedOperationException(method.getName());
              }
              return null;
            });
  }

  private final class Stream extends ServletOutputStream {

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

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setWriteListener(WriteListener listener) {
      throw new UnsupportedOperationException();
    }
  }
}
