package io.datawarehouse.web.platform;

import io.datawarehouse.web.http.HttpResponse;
import java.io.IOException;
import java.io.OutputStream;
import org.glassfish.grizzly.http.server.Response;
import org.jspecify.annotations.Nullable;

/** The response to a request at the listener. */
final class GrizzlyResponse implements HttpResponse {

  private final Response response;

  GrizzlyResponse(Response response) {
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
  public OutputStream content() {
    return response.getOutputStream();
  }

  @Override
  public void flush() throws IOException {
    response.flush();
  }
}
