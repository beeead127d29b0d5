package io.datawarehouse.web.security;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.security.Role;
import jakarta.annotation.Priority;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.ext.Provider;

/** Finds out who calls, before anything else is looked at: also for paths that do not exist. */
@Provider
@PreMatching
@Priority(Priorities.AUTHENTICATION)
public class Authentication implements ContainerRequestFilter {

  static final String ROLE = Role.class.getName();

  @Inject Kernel kernel;
  @Context HttpServletRequest request;

  @Override
  public void filter(ContainerRequestContext context) {
    context.setProperty(ROLE, Bearer.authenticate(request, kernel.authenticator()));
  }
}
