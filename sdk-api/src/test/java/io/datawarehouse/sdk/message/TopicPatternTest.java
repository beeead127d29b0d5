package io.datawarehouse.sdk.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.WarehouseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicPatternTest {

  @ParameterizedTest
  @CsvSource({
    "a.b, a.b, true",
    "a.b, a.c, false",
    "a.*, a.b, true",
    "a.*, a, false",
    "a.*, a.b.c, false",
    "*, a, true",
    "*, a.b, false",
    "**, a, true",
    "**, a.b.c, true",
    "a.**, a, true",
    "a.**, a.b.c, true",
    "a.**, ab, false",
    "**.c, c, true",
    "**.c, a.b.c, true",
    "**.c, a.b.cc, false",
    "a.**.d, a.d, true",
    "a.**.d, a.b.c.d, true",
    "a.**.d, a.b.c, false",
    "a.*.**.d, a.d, false",
    "a.*.**.d, a.b.d, true",
    "**.**.**, a.b, true",
    "*.**.*, a, false",
    "*.**.*, a.b, true",
  })
  void matchesByParts(String pattern, String topic, boolean expected) {
    assertThat(TopicPattern.of(pattern).matches(Topic.of(topic))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a.", ".a", "a..b", "a b", "a.***", "a*", "é", "a/b", "a\n"})
  void malformedTopicsAndPatternsAreRefused(String text) {
    assertThatThrownBy(() -> Topic.of(text)).isInstanceOf(WarehouseException.class);
    assertThatThrownBy(() -> TopicPattern.of(text)).isInstanceOf(WarehouseException.class);
  }

  @Test
  void tooLongIsRefused() {
    assertThat(Topic.of("a".repeat(200)).name()).hasSize(200);
    assertThatThrownBy(() -> Topic.of("a".repeat(201)))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("topic");
  }

  @Test
  void manyWildcardsDoNotTakeForEver() {
    String pattern = "**.a.".repeat(30) + "b";
    String topic = "a.".repeat(90) + "c";
    assertThat(TopicPattern.of(pattern).matches(Topic.of(topic))).isFalse();
  }
}
