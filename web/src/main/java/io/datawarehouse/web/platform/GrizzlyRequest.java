package io.datawarehouse.web.platform;

import io.datawarehouse.web.http.ConnectionSwitch;
import io.datawarehouse.web.http.HttpRequest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.glassfish.grizzly.http.server.Request;
import org.jspecify.annotations.Nullable;

/** A request at the listener. */
final class GrizzlyRequest implements HttpRequest {

  private final Request request;
  private final String path;
  private final ConnectionSwitch connection;
  private final Asking asking;

  /** Asks the client for the body, if it waits for that. */
  interface Asking {
    /** Asks. */
    void ask() throws IOException;
  }

  GrizzlyRequest(Request request, String path, ConnectionSwitch connection, Asking asking) {
    this.asking = asking;
    this.request = request;
    this.path = path;
    this.connection = connection;
  }

  @Override
  public String method() {
    return request.getMethod().getMethodString();
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public String remoteAddress() {
    String address = request.getRemoteAddr();
    return address == null ? "" : address;
  }

  @Override
  public @Nullable String query() {
    return request.getQueryString();
  }

  @Override
  public Iterable<String> headerNames() {
    return request.getHeaderNames();
  }

  @Override
  public @Nullable String header(String name) {
    return request.getHeader(name);
  }

  @Override
  public List<String> headers(String name) {
    List<String> lines = new ArrayList<>(1);
    request.getHeaders(name).forEach(lines::add);
    return lines;
  }

  @Override
  public long contentLength() {
    return request.getContentLengthLong();
  }

  @Override
  public InputStream content() {
    return new OnDemand(request.getInputStream(), asking);
  }

  @Override
  public ConnectionSwitch connection() {
    return connection;
  }

  /** A body that the client is asked for when it is read first. */
  private static final class OnDemand extends FilterInputStream {

    private final Asking asking;
    private boolean asked;

    OnDemand(InputStream body, Asking asking) {
      super(body);
      this.asking = asking;
    }

    @Override
    public int read() throws IOException {
      ask();
      return super.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      ask();
      return super.read(target, offset, length);
    }

    private void ask() throws IOException {
      if (!asked) {
        asked = true;
        asking.ask();
      }
    }
  }
}
