package io.datawarehouse.web.http;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** A response that goes through the servlet container. */
public final class ServletHttpResponse implements HttpResponse {

  private final HttpServletResponse response;

  /** Wraps the container's response. */
  public ServletHttpResponse(HttpServletResponse response) {
    this.response = response;
  }

  @Override
  public int status() {
    return response.getStatus();
  }

  @Override
  public void status(int status) {
    response.setStatus(status);
  }

  @Override
  public @Nullable String header(String name) {
    return response.getHeader(name);
  }

  @Override
  public void header(String name, String value) {
    response.setHeader(name, value);
  }

  @Override
  public void contentLength(long length) {
    response.setContentLengthLong(length);
  }

  @Override
  public boolean isCommitted() {
    return response.isCommitted();
  }

  @Override
  public void reset() {
    response.reset();
  }

  @Override
  public OutputStream content() throws IOException {
    return response.getOutputStream();
  }

  @Override
  public void flush() throws IOException {
    response.flushBuffer();
  }
}
