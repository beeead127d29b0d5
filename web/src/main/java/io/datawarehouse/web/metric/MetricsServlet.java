package io.datawarehouse.web.metric;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.error.Problems;
import io.datawarehouse.web.security.Bearer;
import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** All instruments in the Prometheus text format, for the role reader. */
@WebServlet(name = "metrics", urlPatterns = "/metrics")
public class MetricsServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  @Inject transient Kernel kernel;
  @Inject transient Problems problems;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      Bearer.require(Role.READER, Bearer.authenticate(request, kernel.authenticator()));
    } catch (WarehouseException e) {
      problems.send(request, response, e);
      return;
    }
    byte[] body = kernel.scrapeMetrics().getBytes(StandardCharsets.UTF_8);
    response.setContentType("text/plain; version=0.0.4; charset=utf-8");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}
