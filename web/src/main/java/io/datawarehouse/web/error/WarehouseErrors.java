package io.datawarehouse.web.error;

import io.datawarehouse.sdk.error.WarehouseException;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;

/** Answers the warehouse's own errors. */
@Provider
public class WarehouseErrors implements ExceptionMapper<WarehouseException> {

  @Inject Problems problems;
  @Context HttpServletRequest request;

  @Override
  public Response toResponse(WarehouseException e) {
    return problems.response(request, e);
  }
}
