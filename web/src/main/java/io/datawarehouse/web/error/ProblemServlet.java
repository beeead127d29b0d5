package io.datawarehouse.web.error;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.HttpErrorCode;
import io.datawarehouse.web.http.ServletHttpResponse;
import jakarta.inject.Inject;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The error page of everything outside of the API: the same problem documents. */
@WebServlet(name = "problem", urlPatterns = "/problem", asyncSupported = true)
public class ProblemServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  @Inject transient Problems problems;

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Exchange exchange = Exchange.find(request);
    if (exchange != null && exchange.isAnswered()) {
      return;
    }
    boolean error = request.getDispatcherType() == DispatcherType.ERROR;
    int status =
        error && request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer code
            ? code
            : HttpServletResponse.SC_NOT_FOUND;
    String path =
        Objects.requireNonNullElse(
            attribute(request, RequestDispatcher.ERROR_REQUEST_URI), request.getRequestURI());
    String allow = response.getHeader("Allow");
    WarehouseException known =
        status >= 500
            ? Problems.unexpected(cause(request))
            : RoutingErrors.error(HttpErrorCode.ofStatus(status), request.getMethod());
    Map<String, String> headers = new TreeMap<>();
    if (allow != null && status < 500) {
      headers.put("Allow", allow);
    }
    if (exchange != null && exchange.mustClose()) {
      headers.put("Connection", "close");
    }
    problems
        .answer(
            new Problems.Asked(request.getMethod(), path, Exchange.traceOf(request)),
            known,
            headers)
        .send(new ServletHttpResponse(response));
  }

  private static @Nullable String attribute(HttpServletRequest request, String name) {
    return request.getAttribute(name) instanceof String text ? text : null;
  }

  private static Throwable cause(HttpServletRequest request) {
    return request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) instanceof Throwable thrown
        ? thrown
        : new IllegalStateException("the server answered with an error of its own");
  }
}
