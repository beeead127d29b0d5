package io.datawarehouse.web.rest;

import io.datawarehouse.web.error.RoutingErrors;
import io.datawarehouse.web.error.UnexpectedErrors;
import io.datawarehouse.web.error.WarehouseErrors;
import io.datawarehouse.web.metric.RequestMetrics;
import io.datawarehouse.web.security.Authentication;
import io.datawarehouse.web.security.Authorization;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Set;

/** The REST API. */
@ApplicationPath(ApiApplication.PATH)
public class ApiApplication extends Application {

  /** Where the API begins. */
  public static final String PATH = "/api/v1";

  /** All resources of the API. */
  public static final Set<Class<?>> RESOURCES =
      Set.of(
          BucketResource.class,
          BlobResource.class,
          MessageResource.class,
          DeadLetterResource.class,
          EventStreamResource.class,
          PluginResource.class,
          ClusterResource.class);

  private static final Set<Class<?>> PROVIDERS =
      Set.of(
          Authentication.class,
          Authorization.class,
          RequestMetrics.class,
          WarehouseErrors.class,
          RoutingErrors.class,
          UnexpectedErrors.class);

  @Override
  public Set<Class<?>> getClasses() {
    Set<Class<?>> all = new java.util.HashSet<>(RESOURCES);
    all.addAll(PROVIDERS);
    return all;
  }
}
