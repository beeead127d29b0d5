package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(RestNode.class)
class SecurityIT {

  private static final List<String> ROLES = List.of("reader", "writer", "operator", "admin");
  private static final String BODY = "{\"kind\":\"query\",\"payload\":{}}";

  private final Client node;

  SecurityIT(Client node) {
    this.node = node;
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /api/v1/buckets, reader",
    "GET, /api/v1/buckets/none, reader",
    "PUT, /api/v1/buckets/NONE, writer",
    "DELETE, /api/v1/buckets/none, writer",
    "GET, /api/v1/buckets/none/blobs, reader",
    "GET, /api/v1/buckets/none/blobs/a, reader",
    "HEAD, /api/v1/buckets/none/blobs/a, reader",
    "PUT, /api/v1/buckets/none/blobs/a, writer",
    "DELETE, /api/v1/buckets/none/blobs/a, writer",
    "GET, /api/v1/buckets/none/manifests/a, reader",
    "POST, /api/v1/messages/echo.ping, operator",
    "GET, /api/v1/messages/topics, reader",
    "GET, /api/v1/messages/stream?pattern=!, operator",
    "GET, /api/v1/messages/dead-letters, operator",
    "GET, /api/v1/messages/dead-letters/none, operator",
    "POST, /api/v1/messages/dead-letters/none/retry, operator",
    "DELETE, /api/v1/messages/dead-letters/none, operator",
    "GET, /api/v1/plugins, reader",
    "GET, /api/v1/capabilities, reader",
    "GET, /api/v1/keys, admin",
    "POST, /api/v1/keys/rotate, admin",
    "DELETE, /api/v1/keys/buckets/none, admin",
    "GET, /api/v1/scrub, reader",
    "POST, /api/v1/scrub, operator",
    "GET, /api/v1/cluster, reader",
    "GET, /metrics, reader"
  })
  void asksForTheRoleThatIsNeeded(String method, String path, String needed) throws IOException {
    byte[] body = method.startsWith("P") ? BODY.getBytes(StandardCharsets.UTF_8) : null;

    Answer stranger = node.sendAs("", method, path, body);
    assertThat(stranger.status()).isEqualTo(401);
    assertThat(stranger.header("WWW-Authenticate").orElseThrow()).startsWith("Bearer");
    for (String role : ROLES) {
      Answer answer = node.sendAs(node.token(role), method, path, body);
      if (ROLES.indexOf(role) < ROLES.indexOf(needed)) {
        assertThat(answer.status()).as(role).isEqualTo(403);
        assertThat(answer.code()).isEqualTo("FORBIDDEN");
        assertThat(answer.json().get("detail").asText()).contains("role " + needed, role);
      } else {
        assertThat(answer.status()).as(role + ": " + answer).isNotIn(401, 403);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1",
        "/api/v1/",
        "/api/v1/nope",
        "/api/v1;x/nope",
        "//api/v1/buckets",
        "/api//v1/buckets",
        "/API/v1/buckets",
        "/api/v1/openapi",
        "/metrics",
        "/metrics/",
        "/metrics;x",
        "//metrics",
        "/%6detrics",
        "/api/%76%31/buckets"
      })
  void tellsStrangersNothing(String path) throws IOException {
    Answer answer = node.sendAs("", "GET", path, null);

    assertThat(answer.status()).as(answer.toString()).isIn(400, 401, 404);
    assertThat(answer.code()).isNotEmpty();
    if (path.startsWith("/api/v1") || path.startsWith("/metrics")) {
      assertThat(answer.status()).isEqualTo(401);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/health/../metrics",
        "/health/%2e%2e/metrics",
        "/openapi/../api/v1/buckets",
        "/health/..;/metrics",
        "/health/..%2Fmetrics"
      })
  void knowsNoWayAround(String path) throws IOException {
    Answer answer = node.sendAs("", "GET", path, null);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("INVALID_KEY");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/index.html", "/openapi", "/health", "/health/ready", "/health/live"})
  void leavesTheOpenPathsOpen(String path) throws IOException {
    assertThat(node.sendAs("", "GET", path, null).status()).isEqualTo(200);
    assertThat(node.sendAs("", "GET", "/health/started", null).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Basic YWRtaW46YWRtaW4=",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer x y",
        "x",
        "Token x"
      })
  void refusesOtherCredentials(String value) throws IOException {
    Answer answer = node.sendAs("", "GET", "/api/v1/buckets", null, "Authorization: " + value);

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.code()).isEqualTo("UNAUTHENTICATED");
  }

  @Test
  void takesTheSchemeInAnyCaseAndTheTokenInItsOwn() throws IOException {
    String token = node.token("reader");

    assertThat(node.sendAs("", "GET", "/api/v1/buckets", null, "authorization: bEARER " + token))
        .extracting(Answer::status)
        .isEqualTo(200);
    assertThat(
            node.sendAs("", "GET", "/api/v1/buckets", null, "Authorization: Bearer " + token + "x"))
        .extracting(Answer::status)
        .isEqualTo(401);
  }

  @Test
  void answersAStrangerBeforeTheBodyIsRead() throws IOException {
    try (Wire wire = new Wire(node.port())) {
      wire.send(
          "PUT /api/v1/buckets/b/blobs/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
      Answer answer = wire.read();

      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.header("Connection")).contains("close");
      assertThat(wire.isClosedByNode()).isTrue();
    }
  }

  @Test
  void writesNoTokenIntoItsLog() throws IOException {
    node.get("/api/v1/nope");
    node.sendAs("", "GET", "/api/v1/buckets", null, "Authorization: Bearer not-a-real-token");
    node.get("/api/v1/buckets", "Authorization: Bearer twice-a-token");

    try (Stream<Path> logs = Files.list(node.data().resolve("logs"))) {
      for (Path log : logs.toList()) {
        String text = Files.readString(log, StandardCharsets.ISO_8859_1);
        assertThat(text).doesNotContain("not-a-real-token", "twice-a-token");
        for (String role : ROLES) {
          assertThat(text.contains(node.token(role))).as(role + " in " + log).isFalse();
        }
      }
    }
    String metrics = node.get("/metrics").text();
    for (String role : ROLES) {
      assertThat(metrics.contains(node.token(role))).as(role).isFalse();
    }
  }

  @Test
  void doesNotEchoATokenThatStandsTwice() throws IOException {
    Answer answer = node.get("/api/v1/buckets", "Authorization: Bearer other-token");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).containsIgnoringCase("authorization");
    assertThat(answer.text()).doesNotContain("other-token", node.token("admin"));
  }
}
