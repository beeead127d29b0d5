package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(RestNode.class)
class ErrorsIT {

  private final Client node;

  ErrorsIT(Client node) {
    this.node = node;
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /api/v1/nope, 404, NO_SUCH_PATH",
    "GET, /api/v1, 404, NO_SUCH_PATH",
    "GET, /nope, 404, NO_SUCH_PATH",
    "GET, /problem, 404, NO_SUCH_PATH",
    "GET, /WEB-INF/web.xml, 404, NO_SUCH_PATH",
    "GET, /META-INF/openapi.yaml, 404, NO_SUCH_PATH",
    "GET, /api/v1/application.wadl, 404, NO_SUCH_PATH",
    "PATCH, /api/v1/buckets, 405, METHOD_NOT_ALLOWED",
    "POST, /api/v1/buckets, 405, METHOD_NOT_ALLOWED",
    "POST, /api/v1/buckets/abc/blobs/x, 405, METHOD_NOT_ALLOWED",
    "FOO, /api/v1/cluster, 405, METHOD_NOT_ALLOWED",
    "GET, /api/v1/buckets/none, 404, NO_SUCH_BUCKET",
    "GET, /api/v1/buckets/none/blobs/x, 404, NO_SUCH_BUCKET",
    "GET, /api/v1/buckets/X, 400, INVALID_BUCKET_NAME",
    "PUT, /api/v1/buckets/X%5CY, 400, INVALID_ARGUMENT",
    "GET, /api/v1/cluster?x=1, 400, INVALID_ARGUMENT",
    "GET, /api/v1/messages/dead-letters/none, 404, NOT_FOUND"
  })
  void answersWithAProblem(String method, String path, int status, String code) throws IOException {
    Answer answer = node.send(method, path, null);
    JsonNode problem = answer.json();

    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).contains("application/problem+json");
    assertThat(problem.get("status").asInt()).isEqualTo(status);
    assertThat(problem.get("code").asText()).isEqualTo(code);
    assertThat(problem.get("title").asText()).isNotBlank();
    assertThat(problem.get("detail").asText()).isNotBlank();
    assertThat(problem.get("type").asText())
        .isEqualTo("/problems/" + code.toLowerCase(Locale.ROOT).replace('_', '-'));
    assertThat(problem.get("instance").asText()).isEqualTo(path.replaceAll("\\?.*", ""));
    assertThat(problem.get("nodeId").asText()).isNotBlank();
    assertThat(problem.get("traceId").asText()).matches("[0-9a-f]{32}");
    if (status == 405) {
      assertThat(answer.header("Allow").orElseThrow()).contains("GET");
    }
  }

  @Test
  void goesOnWithTheTraceOfTheCaller() throws IOException {
    String trace = "0af7651916cd43dd8448eb211c80319c";

    assertThat(
            node.get("/api/v1/nope", "traceparent: 00-" + trace + "-b7ad6b7169203331-01")
                .json()
                .get("traceId")
                .asText())
        .isEqualTo(trace);
    assertThat(node.get("/api/v1/nope", "traceparent: nonsense").json().get("traceId").asText())
        .matches("[0-9a-f]{32}");
  }

  @Test
  void tellsTheMethodsOfAPath() throws IOException {
    Answer answer = node.send("OPTIONS", "/api/v1/buckets/abc/blobs/x", null);

    assertThat(answer.header("Allow").orElseThrow()).contains("GET", "HEAD", "PUT", "DELETE");
  }

  @Test
  void namesNoServer() throws IOException {
    Answer answer = node.get("/api/v1/nope");

    assertThat(answer.header("Server")).isEmpty();
    assertThat(answer.header("X-Powered-By")).isEmpty();
    assertThat(answer.header("X-Content-Type-Options")).contains("nosniff");
    assertThat(answer.header("Date")).isPresent();
  }
}
