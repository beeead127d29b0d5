package io.datawarehouse.web.audit;

import io.datawarehouse.web.http.Exchange;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.container.DynamicFeature;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.FeatureContext;

/**
 * Records what resource methods that are {@link Audited} have done, before their answer is sent.
 * What goes wrong is recorded where problems are made.
 */
public final class AuditFeature implements DynamicFeature {

  /** Before the role is looked at: who may not do something has tried to do it. */
  private static final int BEFORE_ROLES = Priorities.AUTHORIZATION - 1;

  private final RequestAudit audit;

  /** A feature that records in an audit. */
  public AuditFeature(RequestAudit audit) {
    this.audit = audit;
  }

  @Override
  public void configure(ResourceInfo resource, FeatureContext context) {
    Audited audited = resource.getResourceMethod().getAnnotation(Audited.class);
    if (audited != null) {
      context.register(new AuditFilter(audited.value(), audit), BEFORE_ROLES);
    }
  }

  /** What stands before and behind one method. */
  static final class AuditFilter implements ContainerRequestFilter, ContainerResponseFilter {

    private final String deed;
    private final RequestAudit audit;

    AuditFilter(String deed, RequestAudit audit) {
      this.deed = deed;
      this.audit = audit;
    }

    @Override
    public void filter(ContainerRequestContext request) {
      exchangeOf(request).accountFor(deed);
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
      Exchange exchange = exchangeOf(request);
      // A problem is sent, and recorded, before JAX-RS comes to its response.
      if (!exchange.isAnswered()) {
        audit.done(exchange);
      }
    }

    private static Exchange exchangeOf(ContainerRequestContext context) {
      if (context.getProperty(Exchange.ATTRIBUTE) instanceof Exchange exchange) {
        return exchange;
      }
      throw new IllegalStateException("the request did not come by the gate");
    }
  }
}
