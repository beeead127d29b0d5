package io.datawarehouse.web.security;

import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.Route;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;

/** Compares the caller's role with the one that a resource method asks for. */
final class RoleCheck implements ContainerRequestFilter {

  private final Role needed;
  private final Route route;

  RoleCheck(Role needed, Route route) {
    this.needed = needed;
    this.route = route;
  }

  @Override
  public void filter(ContainerRequestContext context) {
    if (!(context.getProperty(Exchange.ATTRIBUTE) instanceof Exchange exchange)) {
      throw new IllegalStateException("the request did not come by the gate");
    }
    exchange.enter(route);
    Bearer.require(needed, exchange.role());
  }
}
