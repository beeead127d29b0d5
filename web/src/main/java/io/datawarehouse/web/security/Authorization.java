package io.datawarehouse.web.security;

import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.ext.Provider;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Compares the caller's role with the one that the resource method asks for. */
@Provider
@Priority(Priorities.AUTHORIZATION)
public class Authorization implements ContainerRequestFilter {

  private final Map<Method, Role> needed = new ConcurrentHashMap<>();

  @Context ResourceInfo resource;

  @Override
  public void filter(ContainerRequestContext context) {
    Method method = resource.getResourceMethod();
    if (method != null && context.getProperty(Authentication.ROLE) instanceof Role present) {
      Bearer.require(needed.computeIfAbsent(method, Authorization::roleOf), present);
      return;
    }
    throw new WarehouseException(
        StandardErrorCode.FORBIDDEN, "the caller's role is not known at this point");
  }

  private static Role roleOf(Method method) {
    Allows allows = method.getAnnotation(Allows.class);
    return allows == null ? Role.ADMIN : allows.value();
  }
}
