package io.datawarehouse.web.http;

import io.datawarehouse.sdk.message.TraceContext;
import jakarta.servlet.http.HttpServletRequest;

/** The trace of a request: the caller's where it sent one, else one of its own. */
public final class RequestTrace {

  private static final String ATTRIBUTE = RequestTrace.class.getName();

  private RequestTrace() {}

  /** Returns the request's trace, always the same one. */
  public static TraceContext of(HttpServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof TraceContext known) {
      return known;
    }
    String header = request.getHeader("traceparent");
    TraceContext trace =
        header == null
            ? TraceContext.start()
            : TraceContext.parse(header).orElseGet(TraceContext::start);
    request.setAttribute(ATTRIBUTE, trace);
    return trace;
  }
}
