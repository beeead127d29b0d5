package io.datawarehouse.web.http;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that is what it is told to be. */
public final class FakeRequest implements HttpRequest {

  private final List<Map.Entry<String, String>> headers = new ArrayList<>();
  private String method = "GET";
  private String path = "/path";
  private byte[] body = new byte[0];
  private @Nullable ConnectionSwitch connection;

  /** Sets method and path. */
  public FakeRequest to(String newMethod, String newPath) {
    method = newMethod;
    path = newPath;
    return this;
  }

  /** Sets the body. */
  public FakeRequest body(byte[] content) {
    body = content.clone();
    return this;
  }

  /** Adds a header line. */
  public FakeRequest header(String name, String value) {
    headers.add(Map.entry(name, value));
    return this;
  }

  /** Sets what ends the connection. */
  public FakeRequest over(ConnectionSwitch newConnection) {
    connection = newConnection;
    return this;
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public String remoteAddress() {
    return "192.0.2.7";
  }

  @Override
  public @Nullable String query() {
    return null;
  }

  @Override
  public Iterable<String> headerNames() {
    return headers.stream().map(Map.Entry::getKey).distinct().toList();
  }

  @Override
  public @Nullable String header(String name) {
    return headers(name).stream().findFirst().orElse(null);
  }

  @Override
  public List<String> headers(String name) {
    return headers.stream()
        .filter(header -> header.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .toList();
  }

  @Override
  public long contentLength() {
    String length = header("Content-Length");
    return length == null ? -1 : Long.parseLong(length);
  }

  @Override
  public InputStream content() {
    return new ByteArrayInputStream(body);
  }

  @Override
  public @Nullable ConnectionSwitch connection() {
    return connection;
  }
}
