package io.datawarehouse.web.metric;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.sdk.metric.Metrics;
import jakarta.annotation.Priority;
import jakarta.inject.Inject;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.ext.Provider;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Times requests by route, method and class of status. */
@Provider
@PreMatching
@Priority(0)
public class RequestMetrics implements ContainerRequestFilter, ContainerResponseFilter {

  private static final String START = RequestMetrics.class.getName();

  private record Series(Method resource, String method, int statusClass) {}

  private final Map<Series, Metrics.Timer> timers = new ConcurrentHashMap<>();

  @Inject Kernel kernel;
  @Inject RequestTraffic traffic;
  @Context ResourceInfo resource;

  @Override
  public void filter(ContainerRequestContext request) {
    request.setProperty(START, System.nanoTime());
    traffic.begin();
  }

  @Override
  public void filter(ContainerRequestContext request, ContainerResponseContext response) {
    if (!(request.getProperty(START) instanceof Long start)) {
      return;
    }
    long took = System.nanoTime() - start;
    traffic.end(took);
    Method method = resource.getResourceMethod();
    timers
        .computeIfAbsent(
            new Series(method, request.getMethod(), response.getStatus() / 100), this::timer)
        .record(took);
  }

  private Metrics.Timer timer(Series series) {
    return kernel
        .metrics()
        .timer(
            "http.requests",
            "Requests, until the first byte of the answer",
            Map.of(
                "route",
                series.resource == null ? "none" : route(series.resource),
                "method",
                series.resource == null ? "other" : series.method,
                "status",
                series.statusClass + "xx"));
  }

  private static String route(Method method) {
    Path onClass = method.getDeclaringClass().getAnnotation(Path.class);
    Path onMethod = method.getAnnotation(Path.class);
    String route =
        (onClass == null ? "" : onClass.value()) + (onMethod == null ? "" : onMethod.value());
    return route.replace(": .*", "").replace("//", "/");
  }
}
