package io.datawarehouse.web.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.rebalance.WantedMove;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.rest.RebalanceResource.PlanRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RebalanceBodyTest {

  private static List<WantedMove> routes(String moves) {
    byte[] body = ("{\"moves\":" + moves + "}").getBytes(StandardCharsets.UTF_8);
    return RebalanceResource.routes(Json.read(body, PlanRequest.class).moves().orElseThrow());
  }

  @Test
  void movesNameASegmentAndANode() {
    assertThat(routes("[{\"segment\":7,\"to\":\"node-2\"},{\"segment\":0,\"to\":\"node-1\"}]"))
        .containsExactly(
            new WantedMove(Optional.empty(), 7, new NodeId("node-2")),
            new WantedMove(Optional.empty(), 0, new NodeId("node-1")));
  }

  @Test
  void sameNumberInAnotherBucketIsAnotherSegment() {
    assertThat(
            routes(
                "[{\"segment\":256,\"to\":\"node-2\",\"bucket\":\"logs\"},"
                    + "{\"segment\":256,\"to\":\"node-1\",\"bucket\":\"photos\"}]"))
        .containsExactly(
            new WantedMove(Optional.of(new BucketName("logs")), 256, new NodeId("node-2")),
            new WantedMove(Optional.of(new BucketName("photos")), 256, new NodeId("node-1")));
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
        "[{\"segment\":7,\"to\":\"node-2\"},{\"segment\":7,\"to\":\"node-1\"}]",
        "[{\"bucket\":\"logs\",\"segment\":257,\"to\":\"node-2\"},"
            + "{\"bucket\":\"logs\",\"segment\":257,\"to\":\"node-2\"}]"
      })
  void whatIsMissingOrTwiceIsNamedAndMovesNothing(String moves) {
    assertThatThrownBy(() -> routes(moves))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("moves");
  }
}
