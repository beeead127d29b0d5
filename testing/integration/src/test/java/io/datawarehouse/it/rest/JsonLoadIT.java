package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many large JSON bodies at once, of what takes most memory as a tree: the node has 256 MiB. */
@ExtendWith(RestNode.class)
class JsonLoadIT {

  private static final int CLIENTS = 20;
  private static final int ALMOST_ONE_MIB = (1 << 20) - 200;
  private static final String OBJECTS = "[" + "{},".repeat(ALMOST_ONE_MIB / 3 - 1) + "{}]";

  private final Client node;

  JsonLoadIT(Client node) {
    this.node = node;
  }

  @Test
  void refusesSettingsThatAreTooLarge() throws Exception {
    String body = "{\"sharding\":\"directory\",\"shardingOptions\":{\"entries\":" + OBJECTS + "}}";

    for (Answer answer : atOnce(() -> node.put("/api/v1/buckets/json-load", body))) {
      assertThat(answer.status()).as(answer.toString()).isEqualTo(413);
      assertThat(answer.code()).isEqualTo("TOO_LARGE");
    }
    assertAlive();
  }

  @Test
  void refusesOptionsThatAreTooLargeByTheirName() throws Exception {
    String body =
        "{\"sharding\":\"directory\",\"shardingOptions\":{\"entries\":["
            + "{},".repeat(60_000)
            + "{}]}}";

    for (Answer answer : atOnce(() -> node.put("/api/v1/buckets/json-load", body))) {
      if (answer.status() != 503) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
        assertThat(answer.json().get("detail").asText()).contains("shardingOptions", "65536");
      } else {
        assertThat(answer.code()).isEqualTo("BULKHEAD_FULL");
      }
    }
    assertAlive();
  }

  @Test
  void passesLargePayloadsOnAsFarAsThereIsMemory() throws Exception {
    String body = "{\"kind\":\"query\",\"payload\":" + OBJECTS + "}";
    int passed = 0;

    for (Answer answer : atOnce(() -> node.post("/api/v1/messages/echo.ping", body))) {
      if (answer.status() == 200) {
        assertThat(answer.text()).contains(OBJECTS);
        passed++;
      } else {
        assertThat(answer.code()).as(answer.toString()).isEqualTo("BULKHEAD_FULL");
        assertThat(answer.header("Retry-After")).isPresent();
      }
    }
    assertThat(passed).isPositive();
    assertAlive();
    assertThat(node.post("/api/v1/messages/echo.ping", body).status()).isEqualTo(200);
  }

  private static List<Answer> atOnce(Callable<Answer> call) throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Future<Answer>> running = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        running.add(clients.submit(call));
      }
      List<Answer> answers = new ArrayList<>();
      for (Future<Answer> answer : running) {
        answers.add(answer.get());
      }
      return answers;
    } finally {
      clients.shutdownNow();
    }
  }

  private void assertAlive() throws IOException {
    assertThat(node.get("/health/ready").status()).isEqualTo(200);
  }
}
