package io.datawarehouse.web.platform;

import io.datawarehouse.web.http.ConnectionSwitch;
import io.datawarehouse.web.http.HttpRequest;
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

  GrizzlyRequest(Request request, String path, ConnectionSwitch connection) {
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
    return request.getInputStream();
  }

  @Override
  public ConnectionSwitch connection() {
    return connection;
  }
}
