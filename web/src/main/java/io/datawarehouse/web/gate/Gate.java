package io.datawarehouse.web.gate;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.error.Problems;
import io.datawarehouse.web.http.DateHeader;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.HttpRequest;
import io.datawarehouse.web.http.HttpResponse;
import io.datawarehouse.web.http.RequestHeaders;
import io.datawarehouse.web.http.RequestPath;
import io.datawarehouse.web.http.StallWatch;
import io.datawarehouse.web.metric.RequestMeter;
import io.datawarehouse.web.rest.BlobRoutes;
import io.datawarehouse.web.security.Bearer;
import jakarta.servlet.ServletException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What every request passes, wherever it comes in: refuses what can be read in two ways, asks for a
 * token where one is needed, answers what nobody else answered, and leaves the connection clean or
 * closed. All of that happens before a byte of the body is read. Requests for blobs are served
 * here. Thread-safe.
 */
public final class Gate {

  private static final System.Logger LOG = System.getLogger(Gate.class.getName());

  private static final String API = "/api/v1";
  private static final String API_PATHS = API + "/";
  private static final String METRICS = "/metrics";

  /** What lies behind the gate for one request that is not served at it. */
  interface Inside {

    /** Throws where the server has made something else of the request. */
    void requireUnchanged();

    /** Returns whether the server routes the request to what asks for a token. */
    boolean asksForToken();

    /** Serves the request. */
    void enter() throws IOException, ServletException;
  }

  private final Kernel kernel;
  private final Problems problems;
  private final BlobRoutes blobs;
  private final StallWatch watch;
  private final RequestMeter meter;
  private final DateHeader date;

  Gate(Kernel kernel, Problems problems, BlobRoutes blobs, StallWatch watch, RequestMeter meter) {
    this.kernel = kernel;
    this.problems = problems;
    this.blobs = blobs;
    this.watch = watch;
    this.meter = meter;
    this.date = new DateHeader(kernel.clock());
  }

  /** Returns whether a request is served here, so that it needs nothing behind the gate. */
  public boolean serves(String method, String rawPath) {
    return blobs.find(method, rawPath) != null;
  }

  /** Serves a request for which {@link #serves} is true. */
  public void serve(HttpRequest request, HttpResponse response) throws IOException {
    pass(new Exchange(request, response, watch), Nothing.BEHIND);
  }

  /** Serves a request, here or inside. */
  void pass(Exchange exchange, Inside inside) throws IOException {
    meter.begin();
    try {
      exchange.response().header("Date", date.now());
      exchange.response().header("X-Content-Type-Options", "nosniff");
      admit(exchange, inside);
      serve(exchange, inside);
    } catch (WarehouseException e) {
      problems.answer(exchange, e).send(exchange);
    } catch (ServletException | RuntimeException e) {
      WarehouseException known = known(e);
      (known == null ? problems.unexpected(exchange, e) : problems.answer(exchange, known))
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

  private void serve(Exchange exchange, Inside inside) throws IOException, ServletException {
    HttpRequest request = exchange.request();
    BlobRoutes.Direct direct = blobs.find(request.method(), request.path());
    if (direct == null) {
      inside.enter();
      return;
    }
    exchange.enter(direct.route());
    Bearer.require(direct.role(), exchange.role());
    direct.action().serve(exchange);
  }

  private void admit(Exchange exchange, Inside inside) {
    inside.requireUnchanged();
    HttpRequest request = exchange.request();
    RequestHeaders.requireWellFormed(request);
    if (needsToken(request.path(), inside)) {
      Role role = Bearer.authenticate(request.header("Authorization"), kernel.authenticator());
      exchange.admit(role);
      Bearer.require(Role.READER, role);
    }
  }

  /** In doubt yes: what the server routes to the API is guarded, and what looks like it. */
  private static boolean needsToken(String path, Inside inside) {
    return path.startsWith(API_PATHS)
        || inside.asksForToken()
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

  /** Behind the gate of a listener, where only what the gate serves comes in. */
  private enum Nothing implements Inside {
    BEHIND;

    @Override
    public void requireUnchanged() {
      // The listener has compared the path itself.
    }

    @Override
    public boolean asksForToken() {
      return true;
    }

    @Override
    public void enter() {
      throw new IllegalStateException("nothing is behind the gate of a listener");
    }
  }
}
