package io.datawarehouse.web.error;

import jakarta.inject.Inject;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;

/** The error page of everything outside of the API: the same problem documents. */
@WebServlet(name = "problem", urlPatterns = "/problem", asyncSupported = true)
public class ProblemServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  @Inject transient Problems problems;

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    int status =
        request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer code
            ? code
            : HttpServletResponse.SC_NOT_FOUND;
    String path =
        request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI) instanceof String uri
            ? uri
            : request.getRequestURI();
    HttpServletRequest original =
        new HttpServletRequestWrapper(request) {
          @Override
          public String getRequestURI() {
            return path;
          }
        };
    Problems.send(
        response,
        problems.problem(
            original,
            status,
            RoutingErrors.code(status),
            status == 404 ? "nothing is at this path" : "the request cannot be served",
            Map.of()));
  }
}
