package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.RequestPath;
import io.datawarehouse.web.http.Route;
import io.datawarehouse.web.security.RoleFeature;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The short way to blobs: calls the methods of {@link BlobResource} without JAX-RS, which would
 * take longer to find them than they take to give a small blob. Role and route are those of the
 * methods' annotations. What is not found here goes the long way, and ends at the same methods.
 * Immutable.
 */
public final class BlobRoutes {

  /** What a method of the resource does. */
  @FunctionalInterface
  public interface Action {
    /** Serves an exchange. */
    void serve(Exchange exchange) throws IOException;
  }

  /**
   * A method of the resource.
   *
   * @param role the role that it asks for
   * @param route its place in the API
   * @param action what it does
   */
  public record Direct(Role role, Route route, Action action) {}

  private final Map<String, Direct> byMethod;

  BlobRoutes(BlobResource resource) {
    Map<String, Action> actions =
        Map.of(
            "GET", resource::read,
            "HEAD", resource::look,
            "PUT", resource::write,
            "DELETE", resource::delete);
    Map<String, Direct> found = new HashMap<>();
    for (Method method : BlobResource.class.getDeclaredMethods()) {
      String name = RoleFeature.methodOf(method);
      Action action = actions.get(name);
      if (action != null) {
        found.put(
            name,
            new Direct(
                RoleFeature.roleOf(method),
                RoleFeature.routeOf(BlobResource.class, method),
                action));
      }
    }
    byMethod = Map.copyOf(found);
  }

  /** Returns the method that serves a request; null where that is for JAX-RS to find out. */
  public @Nullable Direct find(String method, String rawPath) {
    return RequestPath.namesBlob(rawPath) ? byMethod.get(method) : null;
  }
}
