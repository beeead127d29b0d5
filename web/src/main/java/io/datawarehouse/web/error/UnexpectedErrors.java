package io.datawarehouse.web.error;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;

/** Answers everything else, without showing what is inside; the log has it under the trace id. */
@Provider
public class UnexpectedErrors implements ExceptionMapper<Throwable> {

  @Inject Problems problems;
  @Context HttpServletRequest request;

  @Override
  public Response toResponse(Throwable e) {
    return problems.response(
        request,
        new WarehouseException(
            StandardErrorCode.INTERNAL_ERROR, "something went wrong; the log has the trace", e));
  }
}
