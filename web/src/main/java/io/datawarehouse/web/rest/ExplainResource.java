package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.cluster.ClusterOffice;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.json.JsonAnswer;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;

/** Tells why things go where they go. */
@Path("/explain")
public final class ExplainResource {

  private final ClusterOffice office;

  ExplainResource(ClusterOffice office) {
    this.office = office;
  }

  /** Tells where a message would go, what was considered, and why the winner won. */
  @GET
  @Path("/route")
  @Allows(Role.READER)
  public Response route(@Context HttpServletRequest request) {
    QueryParameters parameters = QueryParameters.parse(request.getQueryString(), "topic", "key");
    Topic topic =
        parameters
            .find("topic")
            .map(Topic::of)
            .orElseThrow(() -> WarehouseException.invalid("topic", null, "is needed"));
    return JsonAnswer.of(200, office.explain(topic, parameters.find("key"))).build();
  }
}
