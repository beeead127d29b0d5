package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.plugin.CapabilityStatus;
import io.datawarehouse.kernel.plugin.PluginStatus;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.web.security.Allows;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.List;

/** Plugins and what they provide. */
@Path("/")
public class PluginResource {

  record PluginsView(List<PluginStatus> plugins) {}

  record CapabilitiesView(List<CapabilityStatus> capabilities) {}

  @Inject Kernel kernel;

  /** Lists the plugins with their states. */
  @GET
  @Path("/plugins")
  @Allows(Role.READER)
  public Response plugins() {
    return Gateway.json(200, new PluginsView(kernel.plugins().plugins())).build();
  }

  /** Lists the capabilities with who provides them. */
  @GET
  @Path("/capabilities")
  @Allows(Role.READER)
  public Response capabilities() {
    return Gateway.json(200, new CapabilitiesView(kernel.plugins().capabilities())).build();
  }
}
