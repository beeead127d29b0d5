package io.datawarehouse.web.error;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.http.Exchange;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;

/** Answers the warehouse's own errors. */
public final class WarehouseErrors implements ExceptionMapper<WarehouseException> {

  private final Problems problems;
  @Context private HttpServletRequest request;

  /** Makes the mapper. */
  @SuppressWarnings("NullAway.Init")
  public WarehouseErrors(Problems problems) {
    this.problems = problems;
  }

  @Override
  public Response toResponse(WarehouseException e) {
    return problems.answer(Exchange.of(request), e).respond(request);
  }
}
