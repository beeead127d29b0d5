package io.datawarehouse.web.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.datawarehouse.kernel.balance.BalancingOffice;
import io.datawarehouse.kernel.heat.HotShardOffice;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.kernel.whatif.WhatIfOffice;
import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.audit.Audited;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.json.JsonAnswer;
import io.datawarehouse.web.json.JsonBody;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** How messages are spread over nodes. */
@Path("/load-balancing")
public final class LoadBalancingResource {

  private static final String STRATEGY_SETTINGS = "strategySettings";

  private final BalancingOffice office;
  private final ClusterContext cluster;
  private final WhatIfOffice whatIf;
  private final HotShardOffice hotShards;

  LoadBalancingResource(
      BalancingOffice office,
      ClusterContext cluster,
      WhatIfOffice whatIf,
      HotShardOffice hotShards) {
    this.office = office;
    this.cluster = cluster;
    this.whatIf = whatIf;
    this.hotShards = hotShards;
  }

  /** Shows the settings in force, where each comes from, and what is chosen now. */
  @GET
  @Allows(Role.READER)
  public Response show(@Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    return JsonAnswer.of(200, office.status(cluster)).build();
  }

  /** Sets what is named and leaves the rest; null takes back what an operator set before. */
  @PUT
  @Allows(Role.OPERATOR)
  @Audited("load-balancing.change")
  public Response change(@Context HttpServletRequest request) throws IOException {
    QueryParameters.parse(request.getQueryString());
    ObjectNode body = JsonBody.require(Exchange.of(request), ObjectNode.class);
    Exchange.of(request).say(body.toString());
    office.order(changes(body));
    return JsonAnswer.of(200, office.status(cluster)).build();
  }

  /** Replays requests under other settings or with other nodes, and changes nothing. */
  @POST
  @Path("/simulate")
  @Allows(Role.OPERATOR)
  public Response simulate(@Context HttpServletRequest request) throws IOException {
    QueryParameters.parse(request.getQueryString());
    SimulationBody body =
        JsonBody.readLarge(Exchange.of(request), SimulationBody.class).orElse(SimulationBody.EMPTY);
    ObjectNode settings = body.settings();
    return JsonAnswer.of(
            200, whatIf.answer(body.question(settings == null ? Map.of() : changes(settings))))
        .build();
  }

  private static Map<String, Optional<Object>> changes(ObjectNode body) {
    Map<String, Optional<Object>> changes = new LinkedHashMap<>();
    body.properties()
        .forEach(
            field ->
                changes.put(
                    field.getKey(),
                    field.getKey().equals(STRATEGY_SETTINGS)
                        ? nested(field.getKey(), field.getValue())
                        : value(field.getKey(), field.getValue())));
    return changes;
  }

  /** Returns a value in which null is an empty optional, down to the values of a strategy. */
  private static Optional<Object> nested(String path, JsonNode node) {
    if (!(node instanceof ObjectNode object)) {
      return node.isIntegralNumber() && node.canConvertToLong()
          ? Optional.of(node.longValue())
          : value(path, node);
    }
    Map<String, Object> values = new LinkedHashMap<>();
    object
        .properties()
        .forEach(
            entry -> {
              Optional<Object> value = nested(path + "." + entry.getKey(), entry.getValue());
              values.put(entry.getKey(), value.isPresent() ? value.get() : value);
            });
    return Optional.of(values);
  }

  /** Shows the hot segments of the cluster; operators see the keys in them as well. */
  @GET
  @Path("/hot-shards")
  @Allows(Role.READER)
  public Response hotShards(@Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    Role role = Exchange.of(request).role();
    boolean keys = role != null && role.includes(Role.OPERATOR);
    return JsonAnswer.of(200, hotShards.all(keys)).build();
  }

  private static Optional<Object> value(String field, JsonNode node) {
    if (node.isNull()) {
      return Optional.empty();
    }
    if (node.isTextual()) {
      return Optional.of(node.textValue());
    }
    if (node.isBoolean()) {
      return Optional.of(node.booleanValue());
    }
    if (node.isInt()) {
      return Optional.of(node.intValue());
    }
    if (node instanceof ObjectNode object) {
      return Optional.of(strings(field, object));
    }
    throw WarehouseException.invalid(
        field, node.toString(), "use a string, a whole number, true, false, an object or null");
  }

  private static Map<String, String> strings(String field, ObjectNode object) {
    Map<String, String> strings = new LinkedHashMap<>();
    object
        .properties()
        .forEach(
            entry -> {
              if (!entry.getValue().isTextual()) {
                throw WarehouseException.invalid(
                    field, entry.getKey(), "use strings as the values of the object");
              }
              strings.put(entry.getKey(), entry.getValue().textValue());
            });
    return strings;
  }
}
