package io.datawarehouse.web.error;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.http.RequestTrace;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.Map;

/** Makes problem documents. Thread-safe. */
@ApplicationScoped
public class Problems {

  private static final System.Logger LOG = System.getLogger(Problems.class.getName());
  private static final String RETRY_SECONDS = "1";

  @Inject Kernel kernel;

  /** Returns the problem of an error. */
  public Problem of(HttpServletRequest request, WarehouseException e) {
    return problem(request, Statuses.of(e.code()), e.code().name(), e.detail(), e.attributes());
  }

  /** Returns a problem with a status of its own. */
  public Problem problem(
      HttpServletRequest request,
      int status,
      String code,
      String detail,
      Map<String, String> attributes) {
    return new Problem(
        "/problems/" + code.toLowerCase(java.util.Locale.ROOT).replace('_', '-'),
        Statuses.title(code),
        status,
        detail,
        request.getRequestURI(),
        code,
        kernel.nodeId().value(),
        RequestTrace.of(request).traceId(),
        attributes);
  }

  /** Returns the answer of JAX-RS for an error. */
  public Response response(HttpServletRequest request, WarehouseException e) {
    logIfOurs(request, e);
    Response.ResponseBuilder answer = builder(of(request, e));
    if (retryLater(e.code())) {
      answer.header("Retry-After", RETRY_SECONDS);
    }
    if (e.code() == StandardErrorCode.RANGE_NOT_SATISFIABLE && e.attributes().containsKey("size")) {
      answer.header("Content-Range", "bytes */" + e.attributes().get("size"));
    }
    if (e.code() == StandardErrorCode.UNAUTHENTICATED) {
      answer.header("WWW-Authenticate", "Bearer realm=\"datawarehouse\"");
    }
    if (e.code() == StandardErrorCode.CONTENT_STALLED
        || e.code() == StandardErrorCode.CONTENT_LENGTH_MISMATCH
        || e.code() == StandardErrorCode.CONTENT_INTERRUPTED) {
      answer.header("Connection", "close");
    }
    return answer.build();
  }

  /** Returns the answer of JAX-RS for a problem. */
  public Response.ResponseBuilder builder(Problem problem) {
    return Response.status(problem.status()).type(Problem.MEDIA_TYPE).entity(Json.write(problem));
  }

  /** Answers an error outside of JAX-RS. */
  public void send(HttpServletRequest request, HttpServletResponse response, WarehouseException e)
      throws IOException {
    logIfOurs(request, e);
    if (e.code() == StandardErrorCode.UNAUTHENTICATED) {
      response.setHeader("WWW-Authenticate", "Bearer realm=\"datawarehouse\"");
    }
    send(response, of(request, e));
  }

  /** Answers a problem outside of JAX-RS. */
  public static void send(HttpServletResponse response, Problem problem) throws IOException {
    byte[] body = Json.write(problem);
    response.setStatus(problem.status());
    response.setContentType(Problem.MEDIA_TYPE);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  private static boolean retryLater(ErrorCode code) {
    return Statuses.of(code) == 503;
  }

  private static void logIfOurs(HttpServletRequest request, WarehouseException e) {
    if (Statuses.of(e.code()) == 500) {
      LOG.log(
          System.Logger.Level.ERROR,
          () ->
              request.getMethod()
                  + " "
                  + request.getRequestURI()
                  + " failed, trace "
                  + RequestTrace.of(request).traceId(),
          e);
    }
  }
}
