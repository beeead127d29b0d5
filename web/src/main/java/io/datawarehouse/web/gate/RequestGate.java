package io.datawarehouse.web.gate;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.error.Problems;
import io.datawarehouse.web.http.BodyLimits;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.RequestPath;
import io.datawarehouse.web.http.SendWatch;
import io.datawarehouse.web.http.StallWatch;
import io.datawarehouse.web.metric.RequestMeter;
import io.datawarehouse.web.rest.ApiParts;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.inject.Inject;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebFilter;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;

/**
 * The gate of the servlet container: every request that comes so far passes it. It opens the gate
 * of the listeners, too, for requests that need not come so far.
 */
@WebFilter(urlPatterns = "/*", asyncSupported = true)
public class RequestGate extends HttpFilter {

  private static final long serialVersionUID = 1L;

  private static final String API = "/api/v1";
  private static final String METRICS = "/metrics";
  private static final Duration SLOW_AFTER = Duration.ofSeconds(2);

  /** Half of the threads that serve requests. */
  private static final int USUAL_SLOW_READERS = 100;

  @Inject transient Kernel kernel;
  @Inject transient Problems problems;
  @Inject transient ApiParts parts;
  @Inject transient ListenerGate listeners;
  @Resource transient ManagedScheduledExecutorService scheduler;

  private transient StallWatch watch;
  private transient Gate gate;

  @Override
  public void init() {
    watch =
        new StallWatch(
            limits(kernel.config()),
            System::nanoTime,
            scheduler,
            new SendWatch(limitsOfSending(kernel.config()), System::nanoTime, kernel.metrics()));
    gate =
        new Gate(
            kernel,
            problems,
            parts.blobs(),
            watch,
            new RequestMeter(kernel.metrics(), kernel.requests()));
    // Under another root the paths that a listener sees are not those of the API.
    boolean atListener =
        getServletContext().getContextPath().isEmpty()
            && kernel.config().flag("dw.http.listener.blobs", true);
    listeners.open(atListener ? gate : null);
  }

  @Override
  public void destroy() {
    listeners.close();
    watch.close();
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException {
    gate.pass(Exchange.begin(request, response, watch), new Container(request, response, chain));
  }

  /** What the servlet container makes of one request. */
  private record Container(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      implements Gate.Inside {

    @Override
    public void requireUnchanged() {
      if (request.getAttribute(RequestPath.ATTRIBUTE) != null) {
        return;
      }
      if (request.isRequestedSessionIdFromURL()) {
        // The server has cut it out of the path, so that something else would be meant.
        throw WarehouseException.invalid(
            StandardErrorCode.INVALID_KEY,
            "path",
            request.getRequestURI() + ";jsessionid=…",
            "must not hold ';jsessionid=', which the server cuts out of paths");
      }
      RequestPath.requireWellFormed(request.getRequestURI());
    }

    @Override
    public boolean asksForToken() {
      return request.getServletPath().equals(API) || request.getServletPath().equals(METRICS);
    }

    @Override
    public void enter() throws IOException, ServletException {
      chain.doFilter(request, response);
    }
  }

  private static BodyLimits limits(KernelConfig config) {
    return new BodyLimits(
        config.duration("dw.http.stall.timeout", Duration.ofSeconds(30)),
        leastRate(config),
        grace(config));
  }

  private static SendWatch.Limits limitsOfSending(KernelConfig config) {
    return new SendWatch.Limits(
        leastRate(config),
        grace(config),
        SLOW_AFTER,
        config.integer("dw.http.slow.readers", USUAL_SLOW_READERS, 0, Integer.MAX_VALUE));
  }

  private static long leastRate(KernelConfig config) {
    return config.bytes("dw.http.min.rate", 1024, 0, Long.MAX_VALUE);
  }

  private static Duration grace(KernelConfig config) {
    return config.duration("dw.http.min.rate.grace", Duration.ofSeconds(60));
  }
}
