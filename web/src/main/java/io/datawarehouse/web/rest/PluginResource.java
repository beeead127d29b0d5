package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.plugin.CapabilityStatus;
import io.datawarehouse.kernel.plugin.PluginDirectory;
import io.datawarehouse.kernel.plugin.PluginStatus;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.json.JsonAnswer;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.List;

/** Plugins and what they provide. */
@Path("/")
public final class PluginResource {

  record PluginsView(List<PluginStatus> plugins) {}

  record CapabilitiesView(List<CapabilityStatus> capabilities) {}

  private final PluginDirectory directory;

  PluginResource(PluginDirectory directory) {
    this.directory = directory;
  }

  /** Lists the plugins with their states. */
  @GET
  @Path("/plugins")
  @Allows(Role.READER)
  public Response plugins(@Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    return JsonAnswer.of(200, new PluginsView(directory.plugins())).build();
  }

  /** Lists the capabilities with who provides them. */
  @GET
  @Path("/capabilities")
  @Allows(Role.READER)
  public Response capabilities(@Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    return JsonAnswer.of(200, new CapabilitiesView(directory.capabilities())).build();
  }
}
