package io.datawarehouse.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TagHeaderTest {

  @Test
  void readsOneTagALine() {
    assertThat(TagHeader.parse(List.of("a=1", " b = x=y ", "c=")))
        .containsOnly(entry("a", "1"), entry("b", "x=y"), entry("c", ""));
    assertThat(TagHeader.parse(List.of())).isEmpty();
  }

  @Test
  void readsTheBytesAsUtf8() {
    String asTheContainerGivesIt =
        new String("größe=ä".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);

    assertThat(TagHeader.parse(List.of(asTheContainerGivesIt))).containsOnly(entry("größe", "ä"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "=1", "a:1", "a=\u00e4"})
  void refusesMalformedOnes(String line) {
    assertThatThrownBy(() -> TagHeader.parse(List.of(line)))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("DW-Tag");
  }

  @Test
  void refusesANameThatStandsTwice() {
    assertThatThrownBy(() -> TagHeader.parse(List.of("a=1", "a=1")))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("'a'");
  }
}
