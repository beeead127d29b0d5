package io.datawarehouse.web.http;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayInputStream;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A request that has headers, a content type, a length and attributes; everything else fails. */
public final class FakeRequest {

  private final List<Map.Entry<String, String>> headers = new ArrayList<>();
  private final Map<String, Object> attributes = new HashMap<>();
  private byte[] body = new byte[0];

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

  /** Returns the request. */
  public HttpServletRequest build() {
    return (HttpServletRequest)
        Proxy.newProxyInstance(
            FakeRequest.class.getClassLoader(),
            new Class<?>[] {HttpServletRequest.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getHeader" ->
                      values((String) arguments[0]).stream().findFirst().orElse(null);
                  case "getHeaders" -> Collections.enumeration(values((String) arguments[0]));
                  case "getHeaderNames" ->
                      Collections.enumeration(
                          headers.stream().map(Map.Entry::getKey).distinct().toList());
                  case "getContentType" -> values("Content-Type").stream().findFirst().orElse(null);
                  case "getContentLengthLong" ->
                      values("Content-Length").stream().map(Long::valueOf).findFirst().orElse(-1L);
                  case "getInputStream" -> new Stream(body);
                  case "getAttribute" -> attributes.get((String) arguments[0]);
                  case "setAttribute" -> {
                    attributes.put((String) arguments[0], arguments[1]);
                    yield null;
                  }
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private List<String> values(String name) {
    return headers.stream()
        .filter(header -> header.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .toList();
  }

  private static final class Stream extends ServletInputStream {

    private final ByteArrayInputStream content;

    Stream(byte[] content) {
      this.content = new ByteArrayInputStream(content);
    }

    @Override
    public int read() {
      return content.read();
    }

    @Override
    public boolean isFinished() {
      return content.available() == 0;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      throw new UnsupportedOperationException();
    }
  }
}
