package io.datawarehouse.web.security;

import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.web.http.Route;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.DynamicFeature;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.FeatureContext;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/** Puts a check of the caller's role before every resource method, read once when it is found. */
public final class RoleFeature implements DynamicFeature {

  @Override
  public void configure(ResourceInfo resource, FeatureContext context) {
    Method method = resource.getResourceMethod();
    context.register(
        new RoleCheck(roleOf(method), routeOf(resource.getResourceClass(), method)),
        Priorities.AUTHORIZATION);
  }

  /**
   * Returns the role that a resource method asks for. A method that JAX-RS adds, the answer to
   * OPTIONS, tells no more than the API's description.
   */
  public static Role roleOf(Method method) {
    Allows allows = method.getAnnotation(Allows.class);
    if (allows != null) {
      return allows.value();
    }
    return methodOf(method).isEmpty() ? Role.READER : Role.ADMIN;
  }

  /** Returns the template and the method of a resource method, for the metrics. */
  public static Route routeOf(Class<?> resource, Method method) {
    String path =
        pathOf(resource.getAnnotation(Path.class)) + pathOf(method.getAnnotation(Path.class));
    String name = methodOf(method);
    return name.isEmpty()
        ? Route.NONE
        : new Route(path.replaceAll(": [^}]*}", "}").replaceAll("/{2,}", "/"), name);
  }

  private static String pathOf(@Nullable Path path) {
    return path == null || path.value().equals("/") ? "" : path.value();
  }

  /** Returns the HTTP method of a resource method; empty for other methods. */
  public static String methodOf(Method method) {
    for (Annotation annotation : method.getAnnotations()) {
      HttpMethod http = annotation.annotationType().getAnnotation(HttpMethod.class);
      if (http != null) {
        return http.value();
      }
    }
    return "";
  }
}
