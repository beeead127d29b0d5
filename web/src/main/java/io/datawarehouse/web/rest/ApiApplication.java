package io.datawarehouse.web.rest;

import jakarta.enterprise.inject.spi.CDI;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The REST API. Its parts are made once, by hand, and asked for every request: a bean of the
 * request's scope would cost more than reading a small blob.
 */
@ApplicationPath(ApiApplication.PATH)
public class ApiApplication extends Application {

  /** Where the API begins. */
  public static final String PATH = "/api/v1";

  /**
   * Jersey warns of every object that is a resource and not a provider, and uses it all the same.
   * Held here, since loggers that nobody holds forget their level.
   */
  private static final Logger JERSEY_PROVIDERS =
      Logger.getLogger("org.glassfish.jersey.internal.inject.Providers");

  /** Makes the application. */
  public ApiApplication() {
    JERSEY_PROVIDERS.setLevel(Level.SEVERE);
  }

  @Override
  @SuppressWarnings(
      "deprecation") // The only way to hand over objects; classes come instead, later.
  public Set<Object> getSingletons() {
    return CDI.current().select(ApiParts.class).get().all();
  }

  @Override
  public Map<String, Object> getProperties() {
    // The API is described at /openapi; Jersey would add a description of its own.
    return Map.of("jersey.config.server.wadl.disableWadl", true);
  }
}
