package io.datawarehouse.web.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request that came through the servlet container. */
final class ServletHttpRequest implements HttpRequest {

  private final HttpServletRequest request;

  ServletHttpRequest(HttpServletRequest request) {
    this.request = request;
  }

  @Override
  public String method() {
    return request.getMethod();
  }

  @Override
  public String path() {
    return RequestPath.of(request);
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
    return () -> request.getHeaderNames().asIterator();
  }

  @Override
  public @Nullable String header(String name) {
    return request.getHeader(name);
  }

  @Override
  public List<String> headers(String name) {
    return Collections.list(request.getHeaders(name));
  }

  @Override
  public long contentLength() {
    return request.getContentLengthLong();
  }

  @Override
  public InputStream content() throws IOException {
    return request.getInputStream();
  }

  @Override
  public @Nullable ConnectionSwitch connection() {
    return request.getAttribute(ConnectionSwitch.ATTRIBUTE) instanceof ConnectionSwitch connection
        ? connection
        : null;
  }
}
