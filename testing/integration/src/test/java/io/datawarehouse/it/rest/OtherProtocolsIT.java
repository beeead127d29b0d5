package io.datawarehouse.it.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients that would rather speak another protocol are served as if they had not said so. */
@ExtendWith(RestNode.class)
class OtherProtocolsIT {

  private static final String[] HTTP_2 = {
    "Connection: Upgrade, HTTP2-Settings",
    "Upgrade: h2c",
    "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA"
  };

  private final Client node;

  OtherProtocolsIT(Client node) {
    this.node = node;
  }

  @Test
  void offerOfHttp2LeavesBodyAndConnectionAsTheyAre() throws IOException {
    String bucket = node.newBucket();
    byte[] body = "some content".getBytes(UTF_8);

    try (Wire wire = new Wire(node.port())) {
      for (int i = 0; i < 3; i++) {
        wire.send(node.head("PUT", bucket + "/blobs/" + i, body.length, HTTP_2)).send(body);
        Answer written = wire.read();
        assertThat(written.status()).isEqualTo(201);
        wire.send(node.head("GET", bucket + "/blobs/" + i, -1, HTTP_2));
        assertThat(wire.read().body()).isEqualTo(body);
      }
    }
  }

  @Test
  void chunkedBodyEndsWithItsLastChunk() throws IOException {
    String path = node.newBucket() + "/blobs/chunked";

    try (Wire wire = new Wire(node.port())) {
      wire.send(
          node.head(
              "PUT", path, -1, "Transfer-Encoding: chunked", HTTP_2[0], HTTP_2[1], HTTP_2[2]));
      wire.send("5\r\nfirst\r\n").send("7\r\n second\r\n0\r\n\r\n");
      assertThat(wire.read().status()).isEqualTo(201);
    }

    assertThat(node.get(path).body()).isEqualTo("first second".getBytes(UTF_8));
  }

  @Test
  void otherOffersWithABodyAreNoneEither() throws IOException {
    String path = node.newBucket() + "/blobs/other";

    for (String protocol : new String[] {"websocket", "TLS/1.0", "something, h2c"}) {
      Answer written = node.put(path, "content", "Connection: upgrade", "Upgrade: " + protocol);
      assertThat(written.status()).as(protocol).isIn(200, 201);
    }
  }

  @Test
  void messagesBehindTheServletContainerAreServedAsWell() throws IOException {
    try (Wire wire = new Wire(node.port())) {
      for (int i = 0; i < 2; i++) {
        String ping = "{\"kind\": \"query\", \"payload\": " + i + "}";
        wire.send(
            node.head(
                "POST",
                "/api/v1/messages/echo.ping",
                ping.length(),
                "Content-Type: application/json",
                HTTP_2[0],
                HTTP_2[1],
                HTTP_2[2]));
        wire.send(ping);
        assertThat(wire.read().status()).isEqualTo(200);
      }
    }
  }
}
