package io.datawarehouse.web.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.rest.RebalanceResource.PlanRequest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RebalanceBodyTest {

  private static Map<Integer, NodeId> routes(String moves) {
    byte[] body = ("{\"moves\":" + moves + "}").getBytes(StandardCharsets.UTF_8);
    return RebalanceResource.routes(Json.read(body, PlanRequest.class).moves().orElseThrow());
  }

  @Test
  void movesNameASegmentAndANode() {
    assertThat(routes("[{\"segment\":7,\"to\":\"node-2\"},{\"segment\":0,\"to\":\"node-1\"}]"))
        .isEqualTo(Map.of(7, new NodeId("node-2"), 0, new NodeId("node-1")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"to\":\"node-2\"}]",
        "[{\"segment\":null,\"to\":\"node-2\"}]",
        "[{\"segment\":7}]",
        "[{\"segment\":7,\"to\":null}]",
        "[{}]",
        "[null]",
        "[{\"segment\":7,\"to\":\"node-2\"},{\"segment\":7,\"to\":\"node-1\"}]"
      })
  void whatIsMissingOrTwiceIsNamedAndMovesNothing(String moves) {
    assertThatThrownBy(() -> routes(moves))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("moves");
  }
}
