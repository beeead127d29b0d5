package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The settings of balancing of a node that is alone. */
@ExtendWith(RestNode.class)
class LoadBalancingIT {

  private static final String PATH = "/api/v1/load-balancing";

  private final Client node;

  LoadBalancingIT(Client node) {
    this.node = node;
  }

  @AfterEach
  void takeBack() throws IOException {
    node.put(
        PATH,
        "{\"algorithm\":null,\"preferLocal\":null,\"affinity\":null,\"strategySettings\":null}");
  }

  @Test
  void showsEverySettingWithItsSourceAndWhatIsChosenNow() throws IOException {
    JsonNode status = node.get(PATH).json();

    assertThat(status.get("mode").asText()).isEqualTo("manual");
    assertThat(status.get("modeBecause").asText()).isNotBlank();
    assertThat(status.get("algorithm").asText()).isEqualTo("round-robin");
    assertThat(status.get("algorithmBecause").asText()).isNotBlank();
    assertThat(status.get("algorithms")).hasSizeGreaterThanOrEqualTo(8);
    assertThat(status.at("/settings/tier/value").asText()).isEqualTo("individual");
    assertThat(status.at("/settings/preferLocal/value").asBoolean(true)).isFalse();
    status
        .get("settings")
        .forEach(setting -> assertThat(setting.get("source").asText()).isEqualTo("tier"));
  }

  @Test
  void operatorChangesWhatIsNamedAndTakesItBack() throws IOException {
    Answer changed = node.put(PATH, "{\"algorithm\":\"latency-based\",\"preferLocal\":true}");

    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.json().get("algorithm").asText()).isEqualTo("latency-based");
    JsonNode status = node.get(PATH).json();
    assertThat(status.at("/settings/algorithm/value").asText()).isEqualTo("latency-based");
    assertThat(status.at("/settings/algorithm/source").asText()).isEqualTo("operator");
    assertThat(status.at("/settings/mode/source").asText()).isEqualTo("tier");

    JsonNode back = node.put(PATH, "{\"algorithm\":null}").json();
    assertThat(back.at("/settings/algorithm/source").asText()).isEqualTo("tier");
    assertThat(back.at("/settings/preferLocal/value").asBoolean()).isTrue();
  }

  @Test
  void wrongValueIsNamedAndAnUnknownStrategyGetsTheKnownOnes() throws IOException {
    Answer unknown = node.put(PATH, "{\"algorithm\":\"coin\"}");
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(unknown.json().get("detail").asText())
        .contains("algorithm", "coin", "round-robin", "adaptive", "consistent-hashing");

    for (String body :
        new String[] {
          "{\"speed\":1}",
          "{\"preferLocal\":\"yes\"}",
          "{\"mode\":[]}",
          "{\"mode\":{}}",
          "{\"affinity\":[]}",
          "{\"affinity\":\"echo.**=session\"}",
          "{\"affinity\":{\"echo.**\":1}}",
          "{\"affinity\":{\"echo..x\":\"session\"}}",
          "[]",
          "{",
          ""
        }) {
      assertThat(node.put(PATH, body).status()).as(body).isEqualTo(400);
    }
  }

  @Test
  void settingsOfStrategiesAreShownChangedAndTakenBack() throws IOException {
    assertThat(node.get(PATH).json().at("/strategySettings/consistent-hashing/boundPercent"))
        .hasToString("{\"value\":0,\"source\":\"default\"}");

    Answer changed =
        node.put(
            PATH,
            "{\"strategySettings\":{\"consistent-hashing\":{\"boundPercent\":125,\"points\":64}}}");

    assertThat(changed.status()).as(changed.toString()).isEqualTo(200);
    JsonNode ring = node.get(PATH).json().at("/strategySettings/consistent-hashing");
    assertThat(ring.at("/boundPercent")).hasToString("{\"value\":125,\"source\":\"operator\"}");
    JsonNode back =
        node.put(PATH, "{\"strategySettings\":{\"consistent-hashing\":{\"points\":null}}}").json();
    assertThat(back.at("/strategySettings/consistent-hashing/points/source").asText())
        .isEqualTo("default");
    assertThat(back.at("/strategySettings/consistent-hashing/boundPercent/value").asInt())
        .isEqualTo(125);
    for (String[] wrong :
        new String[][] {
          {"{\"coin\":{}}", "strategySettings.coin"},
          {"{\"random\":{\"speed\":1}}", "strategySettings.random.speed"},
          {"{\"random\":{\"choices\":3}}", "strategySettings.random.choices"},
          {"{\"random\":{\"choices\":\"1\"}}", "strategySettings.random.choices"},
          {"{\"random\":{\"choices\":1.5}}", "strategySettings.random.choices"},
          {"{\"random\":{\"choices\":[1]}}", "strategySettings.random.choices"},
          {"{\"random\":7}", "strategySettings.random"},
          {"[]", "strategySettings"}
        }) {
      Answer refused = node.put(PATH, "{\"strategySettings\":" + wrong[0] + "}");
      assertThat(refused.status()).as(wrong[0]).isEqualTo(400);
      assertThat(refused.json().get("detail").asText()).startsWith(wrong[1] + " is");
    }
  }

  @Test
  void operatorSaysWhatBelongsTogetherAndTheRouteTellsIt() throws IOException {
    String route = "/api/v1/explain/route?topic=echo.ping&header=dw-session:s1";
    assertThat(node.get(route).json().has("affinity")).isFalse();

    Answer changed = node.put(PATH, "{\"affinity\":{\"echo.**\":\"session\"}}");

    assertThat(changed.status()).as(changed.toString()).isEqualTo(200);
    assertThat(changed.json().get("affinities"))
        .extracting(JsonNode::asText)
        .contains("blob-key", "bucket", "session", "tag");
    JsonNode setting = node.get(PATH).json().at("/settings/affinity");
    assertThat(setting.get("value").get("echo.**").asText()).isEqualTo("session");
    assertThat(setting.get("source").asText()).isEqualTo("operator");
    JsonNode affinity = node.get(route).json().get("affinity");
    assertThat(affinity.get("provider").asText()).isEqualTo("session");
    assertThat(affinity.get("rule").asText()).isEqualTo("echo.**");
    assertThat(affinity.get("key").asText()).isEqualTo("s1");
    Answer unknown = node.put(PATH, "{\"affinity\":{\"echo.**\":\"glue\"}}");
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(unknown.json().get("detail").asText())
        .contains("affinity", "glue", "blob-key, bucket, session, tag");
  }

  @Test
  void badHeaderOfARouteIsNamed() throws IOException {
    for (String header : new String[] {"s1", ":s1", "a%20b:c", "a:b%0A", "a:1&header=A:1"}) {
      Answer answer = node.get("/api/v1/explain/route?topic=echo.ping&header=" + header);
      assertThat(answer.status()).as(header).isEqualTo(400);
      assertThat(answer.json().get("detail").asText()).as(header).startsWith("header is");
    }
    assertThat(node.get("/api/v1/explain/route?topic=echo.ping&key=").status()).isEqualTo(400);
  }

  @Test
  void readersLookAndOperatorsChange() throws IOException {
    byte[] body = "{\"algorithm\":\"random\"}".getBytes(StandardCharsets.UTF_8);

    assertThat(node.sendAs(node.token("reader"), "GET", PATH, null).status()).isEqualTo(200);
    assertThat(node.sendAs(node.token("writer"), "PUT", PATH, body).status()).isEqualTo(403);
    assertThat(node.sendAs(node.token("operator"), "PUT", PATH, body).status()).isEqualTo(200);
  }
}
