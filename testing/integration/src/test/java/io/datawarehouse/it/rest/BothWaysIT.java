package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.it.crash.NodeProcess;
import io.datawarehouse.it.platform.Places;
import io.datawarehouse.it.platform.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether a blob is served at the listener or behind the servlet container: nobody can tell. */
@ExtendWith(RestNode.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BothWaysIT {

  /** What differs between any two nodes, or two answers. */
  private static final Set<String> OWN =
      Set.of("date", "dw-served-by", "dw-context", "last-modified");

  private final RestNode.Client atListener;
  private final Path data = Places.work("both-ways");
  private NodeProcess process;
  private RestNode.Client inContainer;
  private String bucket;

  BothWaysIT(RestNode.Client node) {
    this.atListener = node;
  }

  @BeforeAll
  void start() throws IOException {
    Trees.delete(data);
    process = NodeProcess.start(data, "-Xmx256m", "-Ddw.http.listener.blobs=false");
    inContainer = new RestNode.Client(process.base(), data);
    bucket = "/api/v1/buckets/both-ways";
    for (RestNode.Client node : List.of(atListener, inContainer)) {
      assertThat(node.put(bucket, "").status()).isEqualTo(201);
      Answer made =
          node.put(
              bucket + "/blobs/a%2Fb;c", "0123456789", "Content-Type: text/plain;charset=utf-8");
      assertThat(made.status()).isEqualTo(201);
    }
  }

  @AfterAll
  void stop() {
    process.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET    | /blobs/a%2Fb;c           |                                  | 200",
        "HEAD   | /blobs/a%2Fb;c           |                                  | 200",
        "GET    | /blobs/a%2Fb;c           | Range: bytes=2-4                 | 206",
        "GET    | /blobs/a%2Fb;c           | Range: bytes=20-                 | 416",
        "GET    | /blobs/a%2Fb;c           | If-None-Match: *                 | 304",
        "HEAD   | /blobs/a%2Fb;c           | If-None-Match: *                 | 304",
        "GET    | /blobs/a%2Fb;c           | If-Match: \"x\"                  | 412",
        "GET    | /blobs/a%2Fb;c?what=1    |                                  | 400",
        "GET    | /blobs/none              |                                  | 404",
        "HEAD   | /blobs/none              |                                  | 404",
        "GET    | /blobs/%zz               |                                  | 400",
        "PUT    | /blobs/a%2Fb;c           | Content-Type: text/plain         | 200",
        // The bytes of an umlaut in UTF-8, one character each: heads are sent as ISO 8859-1.
        "PUT    | /blobs/new               | DW-Tag: \u00c3\u00a4=1          | 201",
        "PUT    | /blobs/other             | DW-Tag: \u00e4=1                | 400",
        "PUT    | /blobs/other             | Content-Encoding: gzip           | 415",
        "PUT    | /blobs/other             | Content-Type: nonsense           | 400",
        "PUT    | /blobs/other             | Content-Digest: sha-256=:AAAA:   | 400",
        "PUT    | /blobs/a%2Fb;c           | If-None-Match: *                 | 412",
        "DELETE | /blobs/new               |                                  | 204",
        "DELETE | /blobs/none              |                                  | 404",
        "POST   | /blobs/a%2Fb;c           |                                  | 405"
      })
  void answersTheSame(String method, String path, @Nullable String header, int status)
      throws IOException {
    byte @Nullable [] body =
        method.equals("PUT") ? "0123456789".getBytes(StandardCharsets.UTF_8) : null;
    String[] headers = header == null ? new String[0] : new String[] {header};
    Answer here = atListener.send(method, bucket + path, body, headers);
    Answer there = inContainer.send(method, bucket + path, body, headers);

    assertThat(here.status()).as(here.toString()).isEqualTo(status);
    assertThat(there.status()).as(there.toString()).isEqualTo(status);
    assertThat(common(here)).isEqualTo(common(there));
    if (status >= 400 && !method.equals("HEAD")) {
      assertThat(here.code()).isEqualTo(there.code());
      assertThat(here.json().get("detail")).isEqualTo(there.json().get("detail"));
    }
  }

  @ParameterizedTest
  @CsvSource({"'', 401", "nobody, 401", "reader, 403"})
  void asksForTheSameToken(String role, int status) throws IOException {
    for (RestNode.Client node : List.of(atListener, inContainer)) {
      String token = role.equals("reader") ? node.token(role) : role;
      Answer answer = node.sendAs(token, "PUT", bucket + "/blobs/x", new byte[1]);

      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.header("WWW-Authenticate").isPresent()).isEqualTo(status == 401);
    }
  }

  /** The headers that must be the same; the length of a problem depends on the node's id. */
  private static Map<String, List<String>> common(Answer answer) {
    Map<String, List<String>> headers = new TreeMap<>(answer.headers());
    headers.keySet().removeAll(OWN);
    if (answer.status() >= 400 || answer.body().length > 100) {
      headers.remove("content-length");
    }
    return headers;
  }
}
