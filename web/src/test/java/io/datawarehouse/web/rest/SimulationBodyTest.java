package io.datawarehouse.web.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.whatif.WhatIfQuestion;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimulationBodyTest {

  private static WhatIfQuestion question(String json) {
    return Json.read(json.getBytes(StandardCharsets.UTF_8), SimulationBody.class)
        .question(Map.of());
  }

  @Test
  void everythingMayBeLeftOut() {
    WhatIfQuestion question = question("{}");

    assertThat(question).isEqualTo(SimulationBody.EMPTY.question(Map.of()));
    assertThat(question.trace()).isEmpty();
    assertThat(question.nodes()).isEqualTo(WhatIfQuestion.Nodes.same());
    assertThat(question.keys()).isEqualTo(WhatIfQuestion.Keys.OWNER);
    assertThat(question.speed()).isEqualTo(1);
  }

  @Test
  void readsWhatIsThere() {
    WhatIfQuestion question =
        question(
            """
            {"settings": {"algorithm": "adaptive"},
             "trace": {"requests": [
               {"atMillis": 0, "topic": "a.b", "key": "k", "serviceMillis": 3, "bytes": 7},
               {"atMillis": 1.5, "keyHash": -4}, {"atMillis": 2}]},
             "nodes": {"add": [{"id": "n4"}, {"id": "n5", "weight": 2, "zone": "z"}],
               "remove": ["n1"], "weights": {"n2": 3}, "speeds": {"n2": 0.5}},
             "keys": "strategy", "seed": 12, "speed": 2, "concurrency": 3}
            """);

    assertThat(question.trace().orElseThrow())
        .containsExactly(
            new WhatIfQuestion.Given(0, Optional.of(KeyHash.of("k")), OptionalDouble.of(3), 7),
            new WhatIfQuestion.Given(1.5, Optional.of(-4L), OptionalDouble.empty(), 0),
            new WhatIfQuestion.Given(2, Optional.empty(), OptionalDouble.empty(), 0));
    assertThat(question.nodes().add())
        .extracting(WhatIfQuestion.Added::id, WhatIfQuestion.Added::weight)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("n4", 1.0),
            org.assertj.core.groups.Tuple.tuple("n5", 2.0));
    assertThat(question.nodes().remove()).containsExactly("n1");
    assertThat(question.nodes().weights()).containsEntry("n2", 3.0);
    assertThat(question.nodes().speeds()).containsEntry("n2", 0.5);
    assertThat(question.keys()).isEqualTo(WhatIfQuestion.Keys.STRATEGY);
    assertThat(question.seed()).isEqualTo(12);
    assertThat(question.concurrency()).isEqualTo(3);
  }

  @Test
  void recordingsMayBeThoseOfSomeNodes() {
    WhatIfQuestion question = question("{\"trace\": {\"nodes\": [\"n1\", \"n2\"]}}");

    assertThat(question.trace()).isEmpty();
    assertThat(question.senders().orElseThrow()).containsExactly("n1", "n2");
    assertThat(question("{}").senders()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"trace\": {}}|trace.requests",
        "{\"trace\": {\"requests\": []}}|trace.requests",
        "{\"trace\": {\"requests\": [{}]}}|trace.requests[0].atMillis",
        "{\"trace\": {\"requests\": [{\"atMillis\": 1}, {\"atMillis\": -3}]}}|trace.requests[1].atMillis",
        "{\"trace\": {\"requests\": [{\"atMillis\": 1, \"key\": \"k\", \"keyHash\": 3}]}}|keyHash",
        "{\"trace\": {\"requests\": [{\"atMillis\": 1, \"topic\": \"a b\"}]}}|topic",
        "{\"trace\": {\"requests\": [{\"atMillis\": 1, \"serviceMillis\": 0}]}}|serviceMillis",
        "{\"trace\": {\"requests\": [{\"atMillis\": 1, \"bytes\": -1}]}}|bytes",
        "{\"trace\": {\"requests\": [{\"atMillis\": \"soon\"}]}}|atMillis",
        "{\"trace\": {\"nodes\": []}}|trace.nodes",
        "{\"trace\": {\"nodes\": [\"n1\", \"n1\"]}}|trace.nodes",
        "{\"trace\": {\"nodes\": [\"n1\"], \"requests\": [{\"atMillis\": 1}]}}|trace.nodes",
        "{\"nodes\": {\"add\": [{}]}}|nodes.add[0].id",
        "{\"nodes\": {\"add\": [{\"id\": \"n\", \"weight\": 0}]}}|weight",
        "{\"nodes\": {\"weights\": {\"n\": -1}}}|nodes.weights.n",
        "{\"keys\": \"mine\"}|keys",
        "{\"speed\": 0}|speed",
        "{\"concurrency\": 0}|concurrency",
        "{\"weather\": 1}|weather"
      })
  void whatIsWrongIsNamed(String json, String field) {
    assertThatThrownBy(() -> question(json))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining(field);
  }
}
