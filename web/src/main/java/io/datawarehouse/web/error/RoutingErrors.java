package io.datawarehouse.web.error;

import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.util.Map;

/** Answers what JAX-RS itself refuses: unknown paths, methods that a path does not have. */
@Provider
public class RoutingErrors implements ExceptionMapper<WebApplicationException> {

  @Inject Problems problems;
  @Context HttpServletRequest request;

  @Override
  public Response toResponse(WebApplicationException e) {
    Response refused = e.getResponse();
    int status = refused.getStatus();
    if (status < 400) {
      return refused;
    }
    Response.ResponseBuilder answer =
        problems.builder(problems.problem(request, status, code(status), detail(status), Map.of()));
    String allow = refused.getHeaderString("Allow");
    if (allow != null) {
      answer.header("Allow", allow);
    }
    return answer.build();
  }

  static String code(int status) {
    return switch (status) {
      case 404 -> "NO_SUCH_PATH";
      case 405 -> "METHOD_NOT_ALLOWED";
      case 406 -> "NOT_ACCEPTABLE";
      case 415 -> "UNSUPPORTED_MEDIA_TYPE";
      default -> status < 500 ? "BAD_REQUEST" : "INTERNAL_ERROR";
    };
  }

  private String detail(int status) {
    return switch (status) {
      case 404 -> "nothing is at this path";
      case 405 -> "method " + request.getMethod() + " is not one of this path";
      case 406 -> "Accept names no media type that this path has";
      case 415 -> "Content-Type is not one that this path takes";
      default -> "the request cannot be served";
    };
  }
}
