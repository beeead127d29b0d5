package io.datawarehouse.web.http;

import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.Proxy;

/** Responses for tests that look at requests. */
public final class FakeResponse {

  private FakeResponse() {}

  /** Returns a response that fails whatever is asked of it. */
  public static HttpServletResponse unused() {
    return withStatus(-1);
  }

  /** Returns a response that knows its status alone. */
  public static HttpServletResponse withStatus(int status) {
    return (HttpServletResponse)
        Proxy.newProxyInstance(
            FakeResponse.class.getClassLoader(),
            new Class<?>[] {HttpServletResponse.class},
            (proxy, method, arguments) -> {
              if (status > 0 && method.getName().equals("getStatus")) {
                return status;
              }
              throw new UnsupportedOperationException(method.getName());
            });
  }
}
