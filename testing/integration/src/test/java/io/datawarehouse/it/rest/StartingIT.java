package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.it.crash.NodeProcess;
import io.datawarehouse.it.platform.Places;
import io.datawarehouse.it.platform.Trees;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What a client sees of a node from its first moment on. */
class StartingIT {

  private static final String API = "/api/v1/buckets";
  private static final String READY = "/health/ready";

  @Test
  void untilTheApplicationIsThereEveryAnswerSaysWhenToComeBack() {
    Path data = Places.work("starting");
    Trees.delete(data);
    List<Answer> ofTheApi = new ArrayList<>();
    List<Answer> ofHealth = new ArrayList<>();

    try (NodeProcess node = NodeProcess.begin(data)) {
      Awaitility.await("the node is ready")
          .atMost(Duration.ofMinutes(5))
          .pollInterval(Duration.ofMillis(10))
          .until(
              () -> {
                assertThat(node.isAlive()).isTrue();
                ask(node, API).ifPresent(ofTheApi::add);
                Optional<Answer> health = ask(node, READY);
                health.ifPresent(ofHealth::add);
                return health.filter(answer -> answer.status() == 200).isPresent();
              });
    }

    assertThat(ofHealth).extracting(Answer::status).containsOnly(503, 200);
    assertThat(ofTheApi).extracting(Answer::status).isSubsetOf(503, 401).contains(503);
    assertThat(ofTheApi)
        .filteredOn(answer -> answer.status() == 503)
        .allSatisfy(
            answer -> {
              assertThat(answer.header("Retry-After")).contains("1");
              assertThat(answer.code()).isEqualTo("UNAVAILABLE");
              assertThat(answer.json().get("detail").asText()).isEqualTo("the node is starting");
              assertThat(answer.json().get("instance").asText()).isEqualTo(API);
              assertThat(answer.json().get("traceId").asText()).hasSize(32);
            });
  }

  /** Asks without a token; empty where nobody listens, or the answer did not come through. */
  private static Optional<Answer> ask(NodeProcess node, String path) throws IOException {
    try (Wire wire = new Wire(node.base().getPort())) {
      wire.send("GET " + path + " HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n");
      return Optional.of(Answer.read(wire.in(), false));
    } catch (SocketException | EOFException e) {
      return Optional.empty();
    }
  }
}
