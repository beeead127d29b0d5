package io.datawarehouse.web.gate;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.error.Problems;
import io.datawarehouse.web.http.BodyLimits;
import io.datawarehouse.web.http.DateHeader;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.RequestHeaders;
import io.datawarehouse.web.http.RequestPath;
import io.datawarehouse.web.http.StallWatch;
import io.datawarehouse.web.metric.RequestMeter;
import io.datawarehouse.web.rest.ApiParts;
import io.datawarehouse.web.rest.BlobRoutes;
import io.datawarehouse.web.security.Bearer;
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
import org.jspecify.annotations.Nullable;

/**
 * Where every request comes in. Refuses what can be read in two ways, asks for a token where one is
 * needed, answers what nobody else answered, and leaves the connection clean or closed. All of that
 * happens before a byte of the body is read.
 */
@WebFilter(urlPatterns = "/*", asyncSupported = true)
public class RequestGate extends HttpFilter {

  private static final long serialVersionUID = 1L;
  private static final System.Logger LOG = System.getLogger(RequestGate.class.getName());

  private static final String API = "/api/v1";
  private static final String API_PATHS = API + "/";
  private static final String METRICS = "/metrics";

  @Inject transient Kernel kernel;
  @Inject transient Problems problems;
  @Inject transient ApiParts parts;
  @Resource transient ManagedScheduledExecutorService scheduler;

  private transient StallWatch watch;
  private transient RequestMeter meter;
  private transient DateHeader date;
  private transient BlobRoutes blobs;

  @Override
  public void init() {
    watch = new StallWatch(limits(kernel.config()), System::nanoTime, scheduler);
    meter = new RequestMeter(kernel.metrics(), kernel.requests());
    date = new DateHeader(kernel.clock());
    blobs = parts.blobs();
  }

  @Override
  public void destroy() {
    watch.close();
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException {
    Exchange exchange = Exchange.begin(request, response, watch);
    meter.begin();
    try {
      response.setHeader("Date", date.now());
      response.setHeader("X-Content-Type-Options", "nosniff");
      admit(exchange);
      serve(exchange, chain);
    } catch (WarehouseException e) {
      problems.answer(request, e).send(exchange);
    } catch (ServletException | RuntimeException e) {
      WarehouseException known = known(e);
      (known == null ? problems.unexpected(request, e) : problems.answer(request, known))
          .send(exchange);
    } finally {
      finish(exchange);
    }
  }

  private void finish(Exchange exchange) {
    try {
      exchange.finish();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the client went away before its answer", e);
    } finally {
      meter.end(exchange);
    }
  }

  private void serve(Exchange exchange, FilterChain chain) throws IOException, ServletException {
    HttpServletRequest request = exchange.request();
    BlobRoutes.Direct direct = blobs.find(request.getMethod(), RequestPath.of(request));
    if (direct == null) {
      chain.doFilter(request, exchange.response());
      return;
    }
    exchange.enter(direct.route());
    Bearer.require(direct.role(), exchange.role());
    direct.action().serve(request);
  }

  private void admit(Exchange exchange) {
    HttpServletRequest request = exchange.request();
    if (request.isRequestedSessionIdFromURL()
        && request.getAttribute(RequestPath.ATTRIBUTE) == null) {
      // The server has cut it out of the path, so that something else would be meant.
      throw WarehouseException.invalid(
          StandardErrorCode.INVALID_KEY,
          "path",
          request.getRequestURI() + ";jsessionid=…",
          "must not hold ';jsessionid=', which the server cuts out of paths");
    }
    String path = RequestPath.of(request);
    if (request.getAttribute(RequestPath.ATTRIBUTE) == null) {
      RequestPath.requireWellFormed(path);
    }
    RequestHeaders.requireWellFormed(request);
    if (needsToken(request, path)) {
      Role role = Bearer.authenticate(request.getHeader("Authorization"), kernel.authenticator());
      exchange.admit(role);
      Bearer.require(Role.READER, role);
    }
  }

  /** In doubt yes: what the container routes to the API is guarded, and what looks like it. */
  private static boolean needsToken(HttpServletRequest request, String path) {
    return path.startsWith(API_PATHS)
        || request.getServletPath().equals(API)
        || request.getServletPath().equals(METRICS)
        || RequestPath.mayBeUnder(path, API)
        || RequestPath.mayBeUnder(path, METRICS);
  }

  private static @Nullable WarehouseException known(Throwable thrown) {
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      if (at instanceof WarehouseException known) {
        return known;
      }
    }
    return null;
  }

  private static BodyLimits limits(KernelConfig config) {
    return new BodyLimits(
        config.duration("dw.http.stall.timeout", Duration.ofSeconds(30)),
        config.bytes("dw.http.min.rate", 1024, 0, Long.MAX_VALUE),
        config.duration("dw.http.min.rate.grace", Duration.ofSeconds(60)));
  }
}
