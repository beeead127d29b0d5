package io.datawarehouse.web.audit;

import io.datawarehouse.kernel.audit.AuditEvent;
import io.datawarehouse.kernel.audit.AuditEvent.Outcome;
import io.datawarehouse.kernel.audit.AuditTrail;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.http.Exchange;

/**
 * Records requests before they are answered: those that change something, whatever comes of them,
 * and those that are refused because of who asks. Requests for blobs are recorded only where they
 * are refused. Thread-safe.
 */
public final class RequestAudit {

  private static final String API = "/api/v1";
  private static final String UNKNOWN_CALLER = "authentication";
  private static final String LACKING_ROLE = "authorization";

  private final AuditTrail trail;

  /** An audit that records in a trail. */
  public RequestAudit(AuditTrail trail) {
    this.trail = trail;
  }

  /** Records that a request did what it was for, if that has to be accounted for. */
  public void done(Exchange exchange) {
    String deed = exchange.deed();
    if (deed != null) {
      record(exchange, deed, Outcome.DONE, "", exchange.detail());
    }
  }

  /** Records that a request was refused or failed, if that has to be accounted for. */
  public void failed(Exchange exchange, WarehouseException e) {
    String deed = exchange.deed();
    if (e.code() == StandardErrorCode.UNAUTHENTICATED) {
      record(exchange, UNKNOWN_CALLER, Outcome.REFUSED, e.code().name(), e.detail());
    } else if (e.code() == StandardErrorCode.FORBIDDEN) {
      String action = deed == null ? LACKING_ROLE : deed;
      record(exchange, action, Outcome.REFUSED, e.code().name(), e.detail());
    } else if (deed != null) {
      record(exchange, deed, Outcome.FAILED, e.code().name(), e.detail());
    }
  }

  private void record(
      Exchange exchange, String action, Outcome outcome, String code, String reason) {
    Role role = exchange.role();
    String path = exchange.request().path();
    trail.record(
        new AuditEvent(
            role == null ? AuditEvent.ANONYMOUS : role.label(),
            exchange.request().remoteAddress(),
            action,
            exchange.request().method()
                + " "
                + (path.startsWith(API + "/") ? path.substring(API.length()) : path),
            outcome,
            code,
            reason,
            exchange.trace().traceId()));
  }
}
