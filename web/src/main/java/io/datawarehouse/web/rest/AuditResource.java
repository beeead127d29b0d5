package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.audit.AuditPage;
import io.datawarehouse.kernel.audit.AuditTrail;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.json.JsonAnswer;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Who did what at this node. */
@Path("/audit")
public final class AuditResource {

  private static final int DEFAULT_LIMIT = 100;
  private static final int MOST = 1000;
  private static final Pattern ID = Pattern.compile("0|[1-9][0-9]{0,17}");

  private final AuditTrail trail;

  AuditResource(AuditTrail trail) {
    this.trail = trail;
  }

  /** Lists what was done and what was refused, oldest first. */
  @GET
  @Allows(Role.ADMIN)
  public Response list(@Context HttpServletRequest request) {
    return JsonAnswer.of(200, page(request.getQueryString())).build();
  }

  AuditPage page(@Nullable String query) {
    QueryParameters parameters = QueryParameters.parse(query, "after", "limit");
    int limit = parameters.integer("limit", DEFAULT_LIMIT, 1, MOST);
    return trail.list(after(parameters.find("after")), limit);
  }

  private static long after(Optional<String> given) {
    String id = given.orElse("0");
    if (!ID.matcher(id).matches()) {
      throw WarehouseException.invalid("after", id, "use the id of an entry");
    }
    return Long.parseLong(id);
  }
}
