package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.it.crash.NodeProcess;
import io.datawarehouse.it.platform.Places;
import io.datawarehouse.it.platform.Trees;
import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients that ask and do not read: they cost those who do nothing. */
@ExtendWith(RestNode.class)
class SlowReadersIT {

  /** As many as the node has threads for requests. */
  private static final int READERS = 200;

  private static final int LARGE = 16 << 20;
  private static final String MEGABYTE = "x".repeat(1_000_000);

  /** An event that no connection takes whole, and ten of which may wait on a node of 256 MB. */
  private static final String HELD = "x".repeat(700_000);

  private static final int STUCK = 10;

  private final Client node;

  SlowReadersIT(Client node) {
    this.node = node;
  }

  /** On a node with the memory that the command gives one: every reader needs some. */
  @Test
  void leavesThreadsForOthersWhereManyDoNotReadTheirBlobs() throws IOException {
    Path data = Places.work("slow-readers");
    Trees.delete(data);
    try (NodeProcess process = NodeProcess.start(data, "-Xmx512m")) {
      leavesThreadsForOthers(new Client(process.base(), data));
    }
  }

  private static void leavesThreadsForOthers(Client node) throws IOException {
    String bucket = "/api/v1/buckets/slow-readers";
    assertThat(node.put(bucket, "{\"pipeline\":[]}").status()).isEqualTo(201);
    String path = bucket + "/blobs/film";
    assertThat(node.send("PUT", path, new byte[LARGE]).status()).isEqualTo(201);
    List<Wire> readers = new ArrayList<>();
    try {
      for (int i = 0; i < READERS; i++) {
        Wire reader = Wire.thatTakesLittle(node.port());
        readers.add(reader);
        reader.send(node.head("GET", path, -1));
      }

      assertThat(node.get("/health/ready").status()).isEqualTo(200);
      assertThat(node.get(path, "Range: bytes=0-9").body()).hasSize(10);
      assertThat(metric(node, "dw_http_slow_readers_closed_total{why=\"crowd\"}"))
          .as("what made room for these answers")
          .isPositive();
    } finally {
      for (Wire reader : readers) {
        reader.close();
      }
    }
  }

  @Test
  void bringsEventsBesideClientsThatDoNotReadTheirs() throws IOException {
    double before = metric(node, "dw_http_streams_dropped_total");
    List<Wire> stuck = new ArrayList<>();
    try (Wire quick = new Wire(node.port())) {
      for (int i = 0; i < STUCK; i++) {
        Wire wire = Wire.thatTakesLittle(node.port());
        stuck.add(wire);
        SseLines unused = follow(wire);
      }
      // Each of these holds an event that is older than any for the one that reads.
      publish(HELD);
      Awaitility.await()
          .until(() -> metric(node, "dw_http_streams_bytes") >= 2.0 * STUCK * HELD.length());
      SseLines events = follow(quick);

      for (int i = 0; i < 40; i++) {
        String text = i + MEGABYTE;
        publish(text);
        assertThat(events.next()).contains("data: \"" + text + "\"");
      }
      assertThat(metric(node, "dw_http_streams_dropped_total")).isGreaterThan(before);
      assertThat(node.get("/health/ready").status()).isEqualTo(200);
    } finally {
      for (Wire wire : stuck) {
        wire.close();
      }
    }
    Awaitility.await().until(() -> metric(node, "dw_http_streams_bytes") == 0);
  }

  private void publish(String text) throws IOException {
    String event = "{\"kind\":\"event\",\"payload\":\"" + text + "\"}";
    assertThat(node.post("/api/v1/messages/it.large.event", event).status()).isEqualTo(202);
  }

  private SseLines follow(Wire wire) throws IOException {
    wire.send(node.head("GET", "/api/v1/messages/stream?pattern=it.large.*", -1));
    Answer begun = Answer.readHead(wire.in());
    assertThat(begun.status()).isEqualTo(200);
    SseLines events = new SseLines(wire, begun.header("transfer-encoding").isPresent());
    events.awaitComment();
    return events;
  }

  private static double metric(Client node, String series) throws IOException {
    return node.get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }
}
