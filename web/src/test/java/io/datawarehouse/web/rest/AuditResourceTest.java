package io.datawarehouse.web.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.datawarehouse.kernel.audit.AuditEvent;
import io.datawarehouse.kernel.audit.AuditLimits;
import io.datawarehouse.kernel.audit.DurableAuditTrail;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.testkit.kernel.ManualClock;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import io.datawarehouse.web.error.Statuses;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuditResourceTest {

  @TempDir Path directory;

  private final ManualClock clock = new ManualClock();

  @Test
  void listsAPageAndWhereTheNextBegins() throws IOException {
    DurableAuditTrail trail = open();
    for (int i = 1; i <= 7; i++) {
      trail.record(drained("n" + i));
    }

    JsonNode first = list(open(), "limit=3");
    JsonNode last = list(open(), "after=" + first.get("next").asText() + "&limit=4");

    assertThat(targets(first)).containsExactly("n1", "n2", "n3");
    assertThat(targets(last)).containsExactly("n4", "n5", "n6", "n7");
    assertThat(last.has("next")).isFalse();
    assertThat(first.at("/entries/0"))
        .isEqualTo(
            Json.mapper()
                .readTree(
                    """
                    {"id":"1","at":"2026-01-01T00:00:00Z","nodeId":"n1","principal":"operator",
                     "from":"10.0.0.7","action":"node.drain","target":"n1","outcome":"DONE",
                     "correlationId":"abc","unrecorded":0}
                    """));
  }

  @Test
  void anEmptyLogIsAnEmptyPage() throws IOException {
    JsonNode page = list(open(), null);

    assertThat(page.get("entries")).isEmpty();
    assertThat(page.has("next")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "limit=0,limit",
    "limit=1001,limit",
    "limit=-1,limit",
    "limit=many,limit",
    "limit=,limit",
    "limit=1&limit=2,limit",
    "after=,after",
    "after=-1,after",
    "after=1.5,after",
    "after=x,after",
    "after=00,after",
    "after=99999999999999999999,after",
    "before=1,before"
  })
  void badInputIsAnswered400WithTheNameOfWhatIsWrong(String query, String name) {
    assertThatThrownBy(() -> list(open(), query))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> {
              assertThat(Statuses.of(e.code())).isEqualTo(400);
              assertThat(e.detail()).contains(name);
            });
  }

  private static AuditEvent drained(String node) {
    return new AuditEvent(
        "operator", "10.0.0.7", "node.drain", node, AuditEvent.Outcome.DONE, "", "", "abc");
  }

  private DurableAuditTrail open() {
    return DurableAuditTrail.open(
        new DurableAuditTrail.Options(
            directory,
            new NodeId("n1"),
            clock,
            new RecordingMetrics(),
            new AuditLimits(1_000, 1L << 20, Duration.ofDays(1), 10)));
  }

  private static JsonNode list(DurableAuditTrail trail, @Nullable String query) throws IOException {
    return Json.mapper().readTree(Json.write(new AuditResource(trail).page(query)));
  }

  private static List<String> targets(JsonNode page) {
    List<String> targets = new ArrayList<>();
    page.get("entries").forEach(entry -> targets.add(entry.get("target").asText()));
    return targets;
  }
}
