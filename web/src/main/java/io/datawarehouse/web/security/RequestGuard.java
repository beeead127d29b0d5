package io.datawarehouse.web.security;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.error.Problems;
import jakarta.inject.Inject;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebFilter;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;

/**
 * Refuses requests that can be read in two ways, before anything reads them: repeated or
 * contradictory headers, and paths that the container would normalise to another one.
 */
@WebFilter(urlPatterns = "/*", asyncSupported = true)
public class RequestGuard extends HttpFilter {

  private static final long serialVersionUID = 1L;

  private static final List<String> SINGLE =
      List.of(
          "Content-Length",
          "Content-Type",
          "Content-Range",
          "Range",
          "If-Range",
          "If-Modified-Since",
          "If-Unmodified-Since",
          "DW-Context",
          "Host");

  @Inject transient Problems problems;

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    response.setHeader("X-Content-Type-Options", "nosniff");
    try {
      requirePlainPath(request.getRequestURI());
      requireClearHeaders(request);
    } catch (WarehouseException e) {
      response.setHeader("Connection", "close");
      problems.send(request, response, e);
      return;
    }
    chain.doFilter(request, response);
  }

  /** Dot segments, however they are written: {@code .}, {@code ..}, {@code %2e}. */
  static void requirePlainPath(String rawPath) {
    if (rawPath.indexOf('.') < 0 && rawPath.indexOf('%') < 0) {
      return;
    }
    String path = rawPath.toLowerCase(Locale.ROOT).replace("%2e", ".").replace("%2f", "/");
    for (String part : path.split("/", -1)) {
      int parameters = part.indexOf(';');
      String name = parameters < 0 ? part : part.substring(0, parameters);
      if (part.equals(".") || part.equals("..") || name.equals(".") || name.equals("..")) {
        throw WarehouseException.invalid(
            StandardErrorCode.INVALID_KEY,
            "path",
            rawPath,
            "must not hold '.' or '..' between slashes");
      }
    }
  }

  private static void requireClearHeaders(HttpServletRequest request) {
    for (String name : SINGLE) {
      Enumeration<String> values = request.getHeaders(name);
      if (values.hasMoreElements()) {
        String first = values.nextElement();
        if (values.hasMoreElements()) {
          throw WarehouseException.invalid(name, first, "is there more than once");
        }
      }
    }
    if (request.getHeader("Transfer-Encoding") != null
        && request.getHeader("Content-Length") != null) {
      throw WarehouseException.invalid(
          "Content-Length",
          request.getHeader("Content-Length"),
          "contradicts Transfer-Encoding: send one of them");
    }
  }
}
