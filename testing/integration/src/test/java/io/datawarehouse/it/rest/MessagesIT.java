package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(RestNode.class)
class MessagesIT {

  private static final String PING = "/api/v1/messages/echo.ping";

  private final Client node;

  MessagesIT(Client node) {
    this.node = node;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"a\":[1,2.5,\"x\",null,true,{}]}", "\"text\"", "7", "[]", "true", "{}"})
  void bringsAQueryToItsHandlerAndBack(String payload) throws IOException {
    Answer answer = node.post(PING, "{\"kind\":\"query\",\"payload\":" + payload + "}");

    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(answer.json().get("payload")).isEqualTo(new ObjectMapper().readTree(payload));
    assertThat(answer.json().get("messageId").asText()).isNotBlank();
    assertThat(answer.json().get("handledBy").asText())
        .isEqualTo(node.get("/api/v1/cluster").json().get("localNodeId").asText());
  }

  @Test
  void takesCommandsWithAKeyAndATimeLimit() throws IOException {
    Answer answer =
        node.post(
            PING,
            "{\"kind\":\"command\",\"affinityKey\":\"a\",\"timeoutMillis\":1000}",
            "Content-Type: application/json");

    assertThat(answer.status()).isEqualTo(200);
  }

  @Test
  void takesHeaders() throws IOException {
    Answer answer =
        node.post(PING, "{\"kind\":\"query\",\"payload\":1,\"headers\":{\"DW-Session\":\"s1\"}}");

    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(node.post(PING, "{\"kind\":\"query\",\"headers\":null}").status()).isEqualTo(200);
  }

  @Test
  void acceptsEvents() throws IOException {
    Answer answer = node.post("/api/v1/messages/it.happened", "{\"kind\":\"event\",\"payload\":1}");

    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.json().get("messageId").asText()).isNotBlank();
    assertThat(answer.json().size()).isEqualTo(1);
  }

  @Test
  void saysThatNobodyHandlesATopic() throws IOException {
    Answer answer = node.post("/api/v1/messages/nobody.here", "{\"kind\":\"query\"}");

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.code()).isEqualTo("NO_HANDLER");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | kind",
        "{\"kind\":\"order\"} | kind",
        "{\"kind\":\"QUERY\"} | kind",
        "{\"kind\":1} | kind",
        "{\"kind\":\"query\",\"timeoutMillis\":0} | timeoutMillis",
        "{\"kind\":\"query\",\"timeoutMillis\":300001} | timeoutMillis",
        "{\"kind\":\"query\",\"timeoutMillis\":\"1\"} | timeoutMillis",
        "{\"kind\":\"query\",\"affinityKey\":\"\"} | affinityKey",
        "{\"kind\":\"query\",\"affinitykey\":\"a\"} | affinitykey",
        "{\"kind\":\"query\",\"kind\":\"query\"} | kind",
        "{\"kind\":\"query\",\"headers\":[]} | headers",
        "{\"kind\":\"query\",\"headers\":{\"a\":1}} | headers",
        "{\"kind\":\"query\",\"headers\":{\"a b\":\"c\"}} | headers",
        "{\"kind\":\"query\",\"headers\":{\"a\":\"b\",\"A\":\"b\"}} | headers",
        "{\"kind\":\"query\" | body",
        "[] | body",
        "'' | body"
      })
  void refusesBadEnvelopesNamingTheField(String body, String field) throws IOException {
    Answer answer = node.post(PING, body);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("detail").asText()).contains(field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a..b", ".a", "a.", "a%20b", "a*", "**", "a%2Fb"})
  void refusesBadTopics(String topic) throws IOException {
    Answer answer = node.post("/api/v1/messages/" + topic, "{\"kind\":\"query\"}");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("INVALID_TOPIC");
  }

  @Test
  void refusesLargeAndDeepAndOtherBodies() throws IOException {
    assertThat(node.post(PING, " ".repeat((1 << 20) + 1)).status()).isEqualTo(413);
    assertThat(
            node.post(
                    PING,
                    "{\"kind\":\"query\",\"payload\":" + "[".repeat(70) + "]".repeat(70) + "}")
                .code())
        .isEqualTo("INVALID_JSON");
    assertThat(node.post(PING, "kind=query", "Content-Type: text/plain").status()).isEqualTo(415);
  }

  @Test
  void listsTopics() throws IOException {
    List<String> topics = new ArrayList<>();
    node.get("/api/v1/messages/topics")
        .json()
        .get("topics")
        .forEach(topic -> topics.add(topic.get("topic").asText()));

    assertThat(topics).contains("echo.ping", "storage.write", "storage.read");
  }

  @Test
  void showsEventsAsTheyHappen() throws IOException {
    try (Wire wire = new Wire(node.port())) {
      wire.send(node.head("GET", "/api/v1/messages/stream?pattern=it.sse.*", -1));
      Answer begun = Answer.readHead(wire.in());
      assertThat(begun.status()).isEqualTo(200);
      assertThat(begun.header("content-type").orElseThrow()).startsWith("text/event-stream");
      SseLines events = new SseLines(wire, begun.header("transfer-encoding").isPresent());
      events.awaitComment();

      String id = publish("it.sse.one", "{\"n\":1}");
      publish("it.other", "2");
      publish("it.sse.two", "3");

      List<String> first = events.next();
      assertThat(first).contains("event: it.sse.one", "id: " + id, "data: {\"n\":1}");
      assertThat(events.next()).contains("event: it.sse.two", "data: 3");
    }
    Awaitility.await()
        .untilAsserted(
            () -> {
              publish("it.sse.three", "4");
              assertThat(node.get("/api/v1/messages/topics").text()).doesNotContain("it.sse.*");
            });
  }

  @Test
  void showsBlobsBeingWritten() throws IOException {
    String bucket = node.newBucket();
    try (Wire wire = new Wire(node.port())) {
      wire.send(node.head("GET", "/api/v1/messages/stream?pattern=storage.**", -1));
      Answer begun = Answer.readHead(wire.in());
      SseLines events = new SseLines(wire, begun.header("transfer-encoding").isPresent());
      events.awaitComment();
      node.put(bucket + "/blobs/watched", "x");

      List<String> event = events.next();
      while (event.stream().noneMatch(line -> line.contains("watched"))) {
        event = events.next();
      }
      assertThat(event).contains("event: storage.written");
    }
  }

  @Test
  void refusesABadPattern() throws IOException {
    Answer answer = node.get("/api/v1/messages/stream?pattern=a..b");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("INVALID_TOPIC");
  }

  @Test
  void answersForDeadLetters() throws IOException {
    Answer list = node.get("/api/v1/messages/dead-letters?limit=5");

    assertThat(list.status()).isEqualTo(200);
    assertThat(list.json().get("deadLetters").isArray()).isTrue();
    assertThat(node.get("/api/v1/messages/dead-letters?limit=0").status()).isEqualTo(400);
    assertThat(node.post("/api/v1/messages/dead-letters/none/retry", "").code())
        .isEqualTo("NOT_FOUND");
    assertThat(node.delete("/api/v1/messages/dead-letters/none").code()).isEqualTo("NOT_FOUND");
  }

  private String publish(String topic, String payload) throws IOException {
    JsonNode answer =
        node.post("/api/v1/messages/" + topic, "{\"kind\":\"event\",\"payload\":" + payload + "}")
            .json();
    return answer.get("messageId").asText();
  }
}
