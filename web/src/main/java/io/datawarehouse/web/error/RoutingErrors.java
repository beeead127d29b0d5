package io.datawarehouse.web.error;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.HttpErrorCode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import java.util.Map;

/** Answers what JAX-RS itself refuses: unknown paths, methods that a path does not have. */
public final class RoutingErrors implements ExceptionMapper<WebApplicationException> {

  private final Problems problems;
  @Context private HttpServletRequest request;

  /** Makes the mapper. */
  @SuppressWarnings("NullAway.Init")
  public RoutingErrors(Problems problems) {
    this.problems = problems;
  }

  @Override
  public Response toResponse(WebApplicationException e) {
    Response refused = e.getResponse();
    int status = refused.getStatus();
    if (status < 400) {
      return refused;
    }
    if (status >= 500) {
      return problems.unexpected(Exchange.of(request), e).respond(request);
    }
    String allow = refused.getHeaderString("Allow");
    return problems
        .answer(
            Exchange.of(request),
            error(HttpErrorCode.ofStatus(status), request.getMethod()),
            allow == null ? Map.of() : Map.of("Allow", allow))
        .respond(request);
  }

  /** Returns the error in the warehouse's own words. */
  static WarehouseException error(HttpErrorCode code, String method) {
    return new WarehouseException(
        code,
        switch (code) {
          case BAD_REQUEST -> "the request is malformed";
          case NO_SUCH_PATH -> "nothing is at this path";
          case METHOD_NOT_ALLOWED ->
              "method " + WarehouseException.shown(method) + " is not one of this path";
          case NOT_ACCEPTABLE -> "Accept names no media type that this path has";
          case UNSUPPORTED_MEDIA_TYPE -> "Content-Type is not one that this path takes";
        });
  }
}
