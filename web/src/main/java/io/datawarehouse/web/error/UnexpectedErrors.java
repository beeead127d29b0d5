package io.datawarehouse.web.error;

import io.datawarehouse.web.http.Exchange;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;

/** Answers everything else, without showing what is inside; the log has it under the trace id. */
public final class UnexpectedErrors implements ExceptionMapper<Throwable> {

  private final Problems problems;
  @Context private HttpServletRequest request;

  /** Makes the mapper. */
  @SuppressWarnings("NullAway.Init")
  public UnexpectedErrors(Problems problems) {
    this.problems = problems;
  }

  @Override
  public Response toResponse(Throwable e) {
    return problems.unexpected(Exchange.of(request), e).respond(request);
  }
}
