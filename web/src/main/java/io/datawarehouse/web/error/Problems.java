package io.datawarehouse.web.error;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.TraceContext;
import io.datawarehouse.web.audit.RequestAudit;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.HttpRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Makes problem documents, and logs those that are the warehouse's own fault. Thread-safe. */
@ApplicationScoped
public class Problems {

  private static final System.Logger LOG = System.getLogger(Problems.class.getName());
  private static final String RETRY_SECONDS = "1";

  private final Kernel kernel;
  private final RequestAudit audit;

  /** For the container's proxy alone. */
  @SuppressWarnings("NullAway")
  protected Problems() {
    kernel = null;
    audit = null;
  }

  /**
   * Makes problem documents of a node. A constructor, and no field: the first problem may come up
   * at a listener, on a thread on which Payara injects no field.
   */
  @Inject
  public Problems(Kernel kernel) {
    this.kernel = kernel;
    this.audit = new RequestAudit(kernel.audit());
  }

  /**
   * What was asked for.
   *
   * @param method the method
   * @param path the path, as the client wrote it
   * @param trace the trace that it belongs to
   */
  public record Asked(String method, String path, TraceContext trace) {}

  /** Returns the answer for an error of a request. */
  public ProblemAnswer answer(Exchange exchange, WarehouseException e) {
    return answer(exchange, e, Map.of());
  }

  /** Returns the answer for an error, with headers of its own; records it where it must be. */
  public ProblemAnswer answer(Exchange exchange, WarehouseException e, Map<String, String> extra) {
    audit.failed(exchange, e);
    Map<String, String> headers = new TreeMap<>(extra);
    if (exchange.mustClose()) {
      headers.put("Connection", "close");
    }
    HttpRequest request = exchange.request();
    return answer(new Asked(request.method(), request.path(), exchange.trace()), e, headers);
  }

  /** Returns the answer for an error of a request that may not have come by the gate. */
  public ProblemAnswer answer(Asked asked, WarehouseException e, Map<String, String> extra) {
    Problem problem = problem(asked.path, asked.trace, e);
    if (problem.status() == 500) {
      LOG.log(
          System.Logger.Level.ERROR,
          () -> asked.method + " " + asked.path + " failed, trace " + asked.trace.traceId(),
          e);
    }
    Map<String, String> headers = new TreeMap<>(headersOf(e));
    headers.putAll(extra);
    return new ProblemAnswer(problem.status(), headers, Json.write(problem));
  }

  /** Returns the answer for something unforeseen. */
  public ProblemAnswer unexpected(Exchange exchange, Throwable e) {
    return answer(exchange, unexpected(e));
  }

  /** Returns the error for something unforeseen; what it was is for the log alone. */
  static WarehouseException unexpected(Throwable e) {
    return new WarehouseException(
        StandardErrorCode.INTERNAL_ERROR,
        "something went wrong; the log of the node has more under the trace id",
        e);
  }

  /** Returns the problem document of an error. */
  public Problem problem(String path, TraceContext trace, WarehouseException e) {
    return problem(kernel.nodeId().value(), path, trace, e);
  }

  /** Returns the problem document of an error at a node. */
  public static Problem problem(
      String nodeId, String path, TraceContext trace, WarehouseException e) {
    String code = e.code().name();
    return new Problem(
        "/problems/" + code.toLowerCase(Locale.ROOT).replace('_', '-'),
        Statuses.title(code),
        Statuses.of(e.code()),
        e.detail(),
        path,
        code,
        nodeId,
        trace.traceId(),
        e.attributes());
  }

  private static Map<String, String> headersOf(WarehouseException e) {
    Map<String, String> headers = new TreeMap<>();
    headers.put("X-Content-Type-Options", "nosniff");
    if (Statuses.of(e.code()) == 503) {
      headers.put("Retry-After", RETRY_SECONDS);
    }
    if (e.code() == StandardErrorCode.UNAUTHENTICATED) {
      headers.put("WWW-Authenticate", "Bearer realm=\"datawarehouse\"");
    }
    String size = e.attributes().get("size");
    if (e.code() == StandardErrorCode.RANGE_NOT_SATISFIABLE && size != null) {
      headers.put("Content-Range", "bytes */" + size);
    }
    return headers;
  }
}
