package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are malformed, contradictory, cut, stalled or abandoned: none stores anything. */
@ExtendWith(RestNode.class)
class BadInputIT {

  private final Client node;
  private String bucket = "";
  private String path = "";

  BadInputIT(Client node) {
    this.node = node;
  }

  @BeforeEach
  void makeBucket() throws IOException {
    bucket = node.newBucket();
    path = bucket + "/blobs/victim";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%",
        "%zz",
        "a%4",
        "%ff",
        "%C0%AF",
        "a%00b",
        "a%0Ab",
        "a%7Fb",
        ".",
        "..",
        "a/../b",
        "a/./b",
        "%2e%2e/b",
        "..%2Fb",
        "..;x/b",
        "a/.",
        "a/..",
        "a|b",
        "a\"b",
        "a<b",
        "a^b",
        "a{b}",
        "a[b]",
        "a#b",
        "a\u00c3\u00a4",
        ""
      })
  void refusesBadKeys(String raw) throws IOException {
    Answer answer = node.put(bucket + "/blobs/" + raw, "x");

    assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
    assertThat(answer.code()).isIn("INVALID_KEY", "INVALID_ARGUMENT");
    assertThat(answer.json().get("detail").asText()).containsAnyOf("key", "path");
    assertThat(node.get(bucket + "/blobs").json().get("blobs")).isEmpty();
  }

  @Test
  void refusesASessionInThePathOfABucket() throws IOException {
    Answer answer = node.get(bucket + ";jsessionid=1");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("detail").asText()).contains("jsessionid");
  }

  @Test
  void refusesAKeyThatIsTooLong() throws IOException {
    assertThat(node.put(bucket + "/blobs/" + "a".repeat(1024), "x").status()).isEqualTo(201);
    assertThat(node.put(bucket + "/blobs/" + "a".repeat(1025), "x").code())
        .isEqualTo("INVALID_KEY");
    assertThat(node.put(bucket + "/blobs/" + "%C3%A4".repeat(513), "x").code())
        .isEqualTo("INVALID_KEY");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Type",
        "Content-Length",
        "Range",
        "If-Range",
        "If-Modified-Since",
        "DW-Context",
        "Host",
        "Authorization"
      })
  void refusesAHeaderThatStandsTwice(String name) throws IOException {
    try (Wire wire = new Wire(node.port())) {
      String line = name + ": 1\r\n";
      wire.send("PUT " + path + " HTTP/1.1\r\n");
      wire.send(name.equals("Host") ? "" : "Host: x\r\n");
      wire.send(
          name.equals("Authorization")
              ? ""
              : "Authorization: Bearer " + node.token("admin") + "\r\n");
      wire.send(name.equals("Content-Length") ? "" : "Content-Length: 1\r\n");
      wire.send(line + line + "\r\nx");
      Answer answer = wire.read();

      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.json().get("detail").asText()).containsIgnoringCase(name);
    }
    assertNothingStored();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Content-Length: 3\\r\\nTransfer-Encoding: chunked | Content-Length",
        "Transfer-Encoding: gzip | Transfer-Encoding",
        "Transfer-Encoding: gzip, chunked | Transfer-Encoding",
        "Transfer-Encoding: chunkedx | Transfer-Encoding",
        "Transfer-Encoding: chunked\\r\\nTransfer-Encoding: chunked | Transfer-Encoding"
      })
  void refusesBodiesOfDoubtfulLengthAndCloses(String headers, String named) throws IOException {
    try (Wire wire = new Wire(node.port())) {
      wire.send(node.head("PUT", path, -1, headers.replace("\\r\\n", "\r\n")));
      wire.send("3\r\nabc\r\n0\r\n\r\n");
      Answer answer = wire.read();

      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.json().get("detail").asText()).containsIgnoringCase(named);
      assertThat(answer.header("Connection")).contains("close");
      assertThat(wire.isClosedByNode()).isTrue();
    }
    assertNothingStored();
  }

  @ParameterizedTest
  @ValueSource(strings = {"9223372036854775807", "9223372034707292159", "1000000000000000000"})
  void refusesBlobsThatNoDiskHolds(String length) throws IOException {
    for (String pipeline : List.of("[]", "[\"aes-gcm\"]")) {
      String other = bucket + "-" + Math.abs(pipeline.hashCode());
      String settings = "{\"pipeline\":" + pipeline + "}";
      assertThat(node.put(other, settings, "Content-Type: application/json").status())
          .isIn(200, 201);
      try (Wire wire = new Wire(node.port())) {
        wire.send(node.head("PUT", other + "/blobs/k", -1, "Content-Length: " + length));
        Answer answer = wire.read();

        assertThat(answer.status()).as(pipeline).isEqualTo(507);
        assertThat(answer.code()).isEqualTo("DISK_FULL");
      }
      assertThat(node.get(other + "/blobs").json().get("blobs")).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
        "Content-Length: 3\r\nContent-Length: 5",
        "Content-Length: -1",
        "Content-Length: +3",
        "Content-Length: 3, 3",
        "Content-Length: abc",
        "Content-Length: 99999999999999999999",
        "X: a\u0001b",
        "X : a"
      })
  void refusesWhatIsNoHttp(String headers) throws IOException {
    try (Wire wire = new Wire(node.port())) {
      wire.send(node.head("PUT", path, -1, headers));
      wire.send("3\r\nabc\r\n0\r\n\r\n");

      assertThat(Answer.readHead(wire.in()).status()).isEqualTo(400);
    }
    assertNothingStored();
  }

  @Test
  void storesNothingOfABodyThatIsCut() throws IOException {
    try (Wire wire = new Wire(node.port())) {
      wire.send(node.head("PUT", path, 1000)).send("only this").sendEnd();
      assertThat(wire.isClosedByNode()).isTrue();
    }
    assertNothingStored();
  }

  @Test
  void storesNothingOfChunksThatAreCut() throws IOException {
    try (Wire wire = new Wire(node.port())) {
      wire.send(node.head("PUT", path, -1, "Transfer-Encoding: chunked"));
      wire.send("4\r\nsome\r\n").sendEnd();
      assertThat(wire.isClosedByNode()).isTrue();
    }
    assertNothingStored();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"zz\r\nabc\r\n0\r\n\r\n", "-3\r\nabc\r\n0\r\n\r\n", "3\r\nabcde0\r\n\r\n"})
  void storesNothingOfMalformedChunks(String chunks) throws IOException {
    try (Wire wire = new Wire(node.port())) {
      wire.send(node.head("PUT", path, -1, "Transfer-Encoding: chunked")).send(chunks).sendEnd();
      wire.in().readAllBytes();
    }
    assertNothingStored();
  }

  @Test
  void storesNothingOfAClientThatVanishes() throws IOException {
    for (int i = 0; i < 5; i++) {
      try (Wire wire = new Wire(node.port())) {
        wire.send(node.head("PUT", path, 10_000_000)).send(new byte[300_000]);
      }
    }
    assertNothingStored();
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(activeRequests())
                    .as("nobody waits for the clients that vanished")
                    .isEqualTo(1));
  }

  @Test
  void endsAWriteWhoseClientStalls() throws IOException {
    assertStalls(node.head("PUT", path, 1000), "some");
  }

  @Test
  void endsChunksWhoseClientStalls() throws IOException {
    assertStalls(node.head("PUT", path, -1, "Transfer-Encoding: chunked"), "4\r\nsome\r\n");
  }

  @Test
  void endsJsonWhoseClientStalls() throws IOException {
    assertStalls(node.head("PUT", bucket + "x", 1000), "{");
    assertThat(node.get(bucket + "x").status()).isEqualTo(404);
  }

  private void assertStalls(String head, String begin) throws IOException {
    long start = System.nanoTime();
    try (Wire wire = new Wire(node.port())) {
      Answer answer = wire.send(head).send(begin).read();
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);

      assertThat(answer.status()).isEqualTo(408);
      assertThat(answer.code()).isEqualTo("CONTENT_STALLED");
      assertThat(answer.header("Connection")).contains("close");
      assertThat(millis).isGreaterThanOrEqualTo(RestNode.STALL_TIMEOUT.toMillis());
      assertThat(wire.isClosedByNode()).isTrue();
    }
    assertNothingStored();
  }

  @Test
  void keepsAConnectionWhoseSmallBodyItRefused() throws IOException {
    try (Wire wire = new Wire(node.port())) {
      wire.send(node.head("PUT", "/api/v1/buckets/none/blobs/a", 5)).send("abcde");
      assertThat(wire.read().code()).isEqualTo("NO_SUCH_BUCKET");
      wire.send(node.head("PUT", path, 3)).send("abc");
      assertThat(wire.read().status()).isEqualTo(201);
      wire.send(node.head("GET", path, -1));
      assertThat(wire.read().text()).isEqualTo("abc");
    }
  }

  @Test
  void closesAConnectionWhoseLargeBodyItRefused() throws IOException {
    try (Wire wire = new Wire(node.port())) {
      wire.send(node.head("PUT", "/api/v1/buckets/none/blobs/a", 3_000_000_000L));
      wire.send(new byte[100_000]);
      Answer answer = wire.read();

      assertThat(answer.code()).isEqualTo("NO_SUCH_BUCKET");
      assertThat(answer.header("Connection")).contains("close");
      assertThat(wire.isClosedByNode()).isTrue();
    }
  }

  @Test
  void waitsForNobodyWhoExpectsToBeAsked() throws IOException {
    try (Wire wire = new Wire(node.port())) {
      wire.send(node.head("PUT", path, 4, "Expect: 100-continue"));
      assertThat(Answer.readHead(wire.in()).status()).isEqualTo(100);
      assertThat(wire.send("some").read().status()).isEqualTo(201);
    }
  }

  private int activeRequests() throws IOException {
    return node.get("/api/v1/cluster").json().at("/nodes/0/load/activeRequests").asInt();
  }

  private void assertNothingStored() throws IOException {
    assertThat(node.get(path).status()).isEqualTo(404);
    assertThat(node.get(bucket).json().get("blobCount").asLong()).isZero();
  }
}
