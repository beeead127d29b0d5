package io.datawarehouse.web.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.affinity.AffinityAnswer;
import io.datawarehouse.kernel.audit.AuditEntry;
import io.datawarehouse.kernel.audit.AuditPage;
import io.datawarehouse.kernel.balance.BalancingSetting;
import io.datawarehouse.kernel.balance.BalancingStatus;
import io.datawarehouse.kernel.cluster.PeerCircuit;
import io.datawarehouse.kernel.heat.HotShards;
import io.datawarehouse.kernel.rebalance.PlanDecision;
import io.datawarehouse.kernel.rebalance.PlanDecisions;
import io.datawarehouse.kernel.whatif.WhatIfAnswer;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.web.error.Problem;
import io.datawarehouse.web.security.Allows;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * Holds the description of the API against the code, in both directions. What reflection cannot see
 * (parameters that a resource reads from the raw request, statuses of success) stands here once, as
 * a table that the integration tests follow.
 */
class OpenApiTest {

  private static final List<String> METHODS = List.of("get", "put", "post", "delete", "head");
  private static final Pattern VARIABLE = Pattern.compile("\\{([^}:]+)");
  private static final String METRICS = "/metrics";
  private static final String STRICT_READ =
      "If-Match If-Modified-Since If-None-Match If-Unmodified-Since";

  /** What one operation reads and answers. */
  private record Contract(String query, String headers, Set<String> success) {}

  private static final Map<String, Contract> CONTRACTS =
      Map.ofEntries(
          contract("GET /api/v1/buckets", "", "", "200"),
          contract("PUT /api/v1/buckets/{bucket}", "", "", "200", "201"),
          contract("PUT /api/v1/buckets/{bucket}/pipeline", "", "", "200"),
          contract("PUT /api/v1/buckets/{bucket}/sharding", "", "", "200", "202"),
          contract("GET /api/v1/buckets/{bucket}", "", "", "200"),
          contract("DELETE /api/v1/buckets/{bucket}", "", "", "204"),
          contract("GET /api/v1/buckets/{bucket}/blobs", "after delimiter limit prefix", "", "200"),
          contract(
              "PUT /api/v1/buckets/{bucket}/blobs/{key}",
              "",
              "Content-Digest DW-Context DW-Tag If-Match If-None-Match",
              "200",
              "201"),
          contract(
              "GET /api/v1/buckets/{bucket}/blobs/{key}",
              "sibling",
              "If-Match If-Modified-Since If-None-Match If-Range If-Unmodified-Since Range",
              "200",
              "206",
              "304"),
          contract(
              "HEAD /api/v1/buckets/{bucket}/blobs/{key}", "sibling", STRICT_READ, "200", "304"),
          contract(
              "DELETE /api/v1/buckets/{bucket}/blobs/{key}",
              "",
              "DW-Context If-Match If-None-Match",
              "204"),
          contract("GET /api/v1/buckets/{bucket}/manifests/{key}", "", "", "200"),
          contract("POST /api/v1/messages/{topic}", "", "", "200", "202"),
          contract("GET /api/v1/messages/topics", "", "", "200"),
          contract("GET /api/v1/messages/stream", "pattern", "", "200"),
          contract("GET /api/v1/messages/dead-letters", "after limit", "", "200"),
          contract("GET /api/v1/messages/dead-letters/{id}", "", "", "200"),
          contract("DELETE /api/v1/messages/dead-letters/{id}", "", "", "204"),
          contract("POST /api/v1/messages/dead-letters/{id}/retry", "", "", "200"),
          contract("GET /api/v1/plugins", "", "", "200"),
          contract("GET /api/v1/capabilities", "", "", "200"),
          contract("GET /api/v1/audit", "after limit", "", "200"),
          contract("GET /api/v1/keys", "", "", "200"),
          contract("POST /api/v1/keys/rotate", "", "", "200"),
          contract("DELETE /api/v1/keys/buckets/{bucket}", "confirm", "", "200"),
          contract("GET /api/v1/scrub", "after limit", "", "200"),
          contract("POST /api/v1/scrub", "", "", "202"),
          contract("GET /api/v1/cluster", "", "", "200"),
          contract("GET /api/v1/cluster/segments", "bucket", "", "200"),
          contract("GET /api/v1/cluster/nodes/{id}/history", "", "", "200"),
          contract("POST /api/v1/cluster/nodes/{id}/drain", "", "", "202"),
          contract("GET /api/v1/explain/rebalance", "", "", "200"),
          contract("GET /api/v1/explain/route", "header key topic", "", "200"),
          contract("GET /api/v1/resilience", "", "", "200"),
          contract("POST /api/v1/resilience/circuits/{peer}/{operation}/{order}", "", "", "200"),
          contract("GET /api/v1/load-balancing", "", "", "200"),
          contract("PUT /api/v1/load-balancing", "", "", "200"),
          contract("GET /api/v1/load-balancing/hot-shards", "", "", "200"),
          contract("POST /api/v1/load-balancing/simulate", "", "", "200"),
          contract("POST /api/v1/rebalance/plans", "", "", "201"),
          contract("GET /api/v1/rebalance/plans", "", "", "200"),
          contract("GET /api/v1/rebalance/plans/{id}", "", "", "200"),
          contract("POST /api/v1/rebalance/plans/{id}/{order}", "", "", "200"),
          contract("GET " + METRICS, "", "", "200"));

  private static final Map<String, Object> DOCUMENT = load();

  static Stream<String> operations() {
    return documented().keySet().stream();
  }

  @Test
  void describesEveryResourceMethodAndNothingElse() {
    Set<String> inCode = new TreeSet<>(implemented().keySet());
    inCode.add("GET " + METRICS);

    assertThat(documented().keySet()).isEqualTo(inCode);
    assertThat(CONTRACTS.keySet()).containsExactlyInAnyOrderElementsOf(inCode);
  }

  @Test
  void namesTheRoleThatTheCodeAsksFor() {
    Map<String, Object> roles = new TreeMap<>();
    documented().forEach((name, operation) -> roles.put(name, operation.get("x-role")));

    Map<String, Object> inCode = new TreeMap<>();
    implemented()
        .forEach(
            (name, method) ->
                inCode.put(
                    name,
                    Objects.requireNonNull(method.getAnnotation(Allows.class), name)
                        .value()
                        .label()));
    inCode.put("GET " + METRICS, "reader");
    assertThat(roles).isEqualTo(inCode);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void namesTheParameters(String operation) {
    Contract contract = CONTRACTS.get(operation);

    assertThat(parameters(operation, "path")).isEqualTo(variables(operation));
    assertThat(parameters(operation, "query")).isEqualTo(words(contract.query()));
    assertThat(parameters(operation, "header")).isEqualTo(words(contract.headers()));
  }

  @ParameterizedTest
  @MethodSource("operations")
  void namesTheStatuses(String operation) {
    Set<String> statuses = keys(documented().get(operation).get("responses"));

    assertThat(statuses)
        .filteredOn(status -> status.startsWith("2") || status.startsWith("3"))
        .containsExactlyInAnyOrderElementsOf(CONTRACTS.get(operation).success());
    assertThat(statuses).contains("401", "403");
  }

  @ParameterizedTest
  @MethodSource("operations")
  void answersErrorsAsProblems(String operation) {
    map(documented().get(operation).get("responses"))
        .forEach(
            (status, response) -> {
              if (status.startsWith("4") || status.startsWith("5")) {
                assertThat(map(response))
                    .as(status)
                    .containsEntry("$ref", "#/components/responses/Problem");
              }
            });
  }

  @Test
  void refersToPartsThatExistAndHasNoOthers() {
    Set<String> used = new TreeSet<>();
    collectReferences(DOCUMENT, used);
    Set<String> defined = new TreeSet<>();
    map(DOCUMENT.get("components"))
        .forEach(
            (kind, parts) -> {
              if (!kind.equals("securitySchemes")) {
                keys(parts).forEach(part -> defined.add("#/components/" + kind + "/" + part));
              }
            });

    assertThat(used).isEqualTo(defined);
  }

  @Test
  void asksForATokenEverywhere() {
    assertThat(DOCUMENT.get("security")).isEqualTo(List.of(Map.of("token", List.of())));
    Map<String, Object> scheme =
        map(map(map(DOCUMENT.get("components")).get("securitySchemes")).get("token"));
    assertThat(scheme).containsEntry("type", "http").containsEntry("scheme", "bearer");
    documented().values().forEach(operation -> assertThat(operation).doesNotContainKey("security"));
  }

  @Test
  void describesTheFieldsThatAreAnswered() {
    assertFields("Manifest", BlobManifest.class, "encoding");
    assertFields("BucketSettings", BucketSettings.class);
    assertFields("PipelineChange", BucketResource.PipelineChange.class);
    assertFields("Listing", BucketResource.ListingView.class);
    assertFields("Problem", Problem.class);
    assertFields("Answer", MessageResource.Answer.class);
    assertFields("Envelope", MessageResource.Envelope.class);
    assertFields("DeadLetter", DeadLetterResource.LetterView.class);
    assertFields("Audit", AuditPage.class);
    assertFields("AuditEntry", AuditEntry.class);
    assertFields("Scrub", ScrubResource.ScrubView.class);
    assertFields("ScrubRound", ScrubResource.RoundView.class);
    assertFields("Damaged", ScrubResource.Damaged.class);
    assertFields("Cluster", ClusterResource.ClusterStatus.class);
    assertFields("Node", ClusterResource.NodeView.class);
    assertFields("GivenUpNode", ClusterResource.GivenUpNode.class);
    assertFields("NodeHistory", ClusterResource.HistoryView.class);
    assertFields("Segments", ClusterResource.SegmentsView.class);
    assertFields("Segment", ClusterResource.SegmentView.class);
    assertFields("Route", ExplainResource.RouteView.class);
    assertFields("RouteAffinity", AffinityAnswer.class);
    assertFields("Circuit", PeerCircuit.class);
    assertFields("Plan", RebalanceResource.PlanView.class);
    assertFields("PlanDecisions", PlanDecisions.class);
    assertFields("PlanDecision", PlanDecision.class);
    assertFields("PlanFigures", PlanDecision.Figures.class);
    assertFields("PlanHolding", PlanDecision.Holding.class);
    assertFields("PlanRequest", RebalanceResource.PlanRequest.class);
    assertFields("LoadBalancing", BalancingStatus.class);
    assertFields("LoadBalancingValue", BalancingStatus.Value.class);
    assertFields("HotShards", HotShards.class);
    assertFields("HotShard", HotShards.Shard.class);
    assertFields("ForeseenShard", HotShards.Foreseen.class);
    assertFields("HotShardForecast", HotShards.Forecast.class);
    assertFields("HotKey", HotShards.Key.class);
    assertFields("Forecasts", HotShards.Forecasts.class);
    assertFields("Simulation", SimulationBody.class);
    assertFields("SimulatedRequest", SimulationBody.RequestBody.class);
    assertFields("SimulatedNodes", SimulationBody.NodesBody.class);
    assertFields("AddedNode", SimulationBody.AddedBody.class);
    assertFields("SimulationResult", WhatIfAnswer.class);
    assertFields("SimulatedTrace", WhatIfAnswer.Trace.class);
    assertFields("SimulatedRecording", WhatIfAnswer.Recording.class);
    assertFields("SimulationOutcome", WhatIfAnswer.Outcome.class);
    assertFields("SimulatedLatency", WhatIfAnswer.Latency.class);
    assertFields("SimulatedImbalance", WhatIfAnswer.Imbalance.class);
    assertFields("SimulatedNode", WhatIfAnswer.Node.class);
    assertFields("SimulatedMovement", WhatIfAnswer.Movement.class);
  }

  @Test
  void describesEverySettingOfBalancing() {
    Map<String, Object> schemas = map(map(DOCUMENT.get("components")).get("schemas"));

    List<String> fields =
        new ArrayList<>(
            Arrays.stream(BalancingSetting.values()).map(BalancingSetting::field).toList());
    fields.add("strategySettings");
    assertThat(keys(map(schemas.get("LoadBalancingChange")).get("properties")))
        .containsExactlyInAnyOrderElementsOf(fields);
  }

  private static void assertFields(String schema, Class<?> type, String... hidden) {
    Map<String, Object> schemas = map(map(DOCUMENT.get("components")).get("schemas"));
    Set<String> fields = new TreeSet<>();
    Arrays.stream(type.getRecordComponents()).forEach(component -> fields.add(component.getName()));
    fields.removeAll(List.of(hidden));

    assertThat(new TreeSet<>(keys(map(schemas.get(schema)).get("properties"))))
        .as(schema)
        .isEqualTo(fields);
  }

  private static Map.Entry<String, Contract> contract(
      String operation, String query, String headers, String... success) {
    return Map.entry(operation, new Contract(query, headers, Set.of(success)));
  }

  /** The operations of the document by method and path. */
  private static Map<String, Map<String, Object>> documented() {
    Map<String, Map<String, Object>> operations = new TreeMap<>();
    map(DOCUMENT.get("paths"))
        .forEach(
            (path, item) ->
                map(item)
                    .forEach(
                        (method, operation) -> {
                          assertThat(METHODS).contains(method);
                          operations.put(
                              method.toUpperCase(Locale.ROOT) + " " + path, map(operation));
                        }));
    return operations;
  }

  /** The methods of the resources by method and path. */
  private static Map<String, Method> implemented() {
    Map<String, Method> methods = new TreeMap<>();
    for (Class<?> resource : ApiParts.RESOURCES) {
      String base = ApiApplication.PATH + resource.getAnnotation(Path.class).value();
      for (Method method : resource.getDeclaredMethods()) {
        for (Annotation annotation : method.getAnnotations()) {
          HttpMethod http = annotation.annotationType().getAnnotation(HttpMethod.class);
          if (http != null) {
            Path below = method.getAnnotation(Path.class);
            String path = (base + (below == null ? "" : below.value())).replaceAll(": [^}]*", "");
            methods.put(http.value() + " " + path.replace("//", "/"), method);
          }
        }
      }
    }
    return methods;
  }

  private static Set<String> parameters(String operation, String place) {
    Set<String> names = new TreeSet<>();
    Object declared = documented().get(operation).get("parameters");
    for (Object entry : declared == null ? List.of() : (List<?>) declared) {
      Map<String, Object> parameter = resolved(map(entry));
      if (place.equals(parameter.get("in"))) {
        names.add((String) parameter.get("name"));
      }
    }
    return names;
  }

  private static Map<String, Object> resolved(Map<String, Object> node) {
    if (!(node.get("$ref") instanceof String reference)) {
      return node;
    }
    Map<String, Object> at = DOCUMENT;
    for (String step : reference.substring(2).split("/")) {
      at = map(at.get(step));
    }
    return at;
  }

  private static Set<String> variables(String operation) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = VARIABLE.matcher(operation);
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }

  private static Set<String> words(String text) {
    return text.isEmpty() ? new TreeSet<>() : new TreeSet<>(Arrays.asList(text.split(" ")));
  }

  private static void collectReferences(Object node, Set<String> references) {
    if (node instanceof Map<?, ?> values) {
      if (values.get("$ref") instanceof String reference) {
        references.add(reference);
      }
      values.values().forEach(value -> collectReferences(value, references));
    } else if (node instanceof List<?> values) {
      new ArrayList<>(values).forEach(value -> collectReferences(value, references));
    }
  }

  private static Set<String> keys(Object node) {
    return map(node).keySet();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object node) {
    return (Map<String, Object>) Objects.requireNonNull(node);
  }

  private static Map<String, Object> load() {
    try (InputStream in = OpenApiTest.class.getResourceAsStream("/META-INF/openapi.yaml")) {
      LoaderOptions strict = new LoaderOptions();
      strict.setAllowDuplicateKeys(false);
      return map(new Yaml(new SafeConstructor(strict)).load(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
