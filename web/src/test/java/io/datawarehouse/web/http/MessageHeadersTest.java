package io.datawarehouse.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.json.JsonText;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageHeadersTest {

  private static JsonText text(String json) {
    return Json.read(json.getBytes(StandardCharsets.UTF_8), JsonText.class);
  }

  private static void refused(ThrowingCallable call, String field) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> {
              assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_ARGUMENT);
              assertThat(e.attributes()).containsEntry("field", field);
            });
  }

  @Test
  void readsAnObjectOfStrings() {
    JsonText object = text("{\"DW-Session\":\"s 1\",\"x\":\"\"}");

    assertThat(MessageHeaders.of(object)).isEqualTo(Map.of("dw-session", "s 1", "x", ""));
    assertThat(MessageHeaders.of(text("{}"))).isEmpty();
  }

  @Test
  void readsLinesWhoseValuesMayHoldColons() {
    assertThat(MessageHeaders.of(List.of("DW-Session:s1", "when: 12:30 ", "x:")))
        .isEqualTo(Map.of("dw-session", "s1", "when", "12:30", "x", ""));
    assertThat(MessageHeaders.of(List.of())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "\"dw-session:s1\"",
        "7",
        "{\"a\":1}",
        "{\"a\":null}",
        "{\"a\":[\"b\"]}",
        "{\"\":\"b\"}",
        "{\"a b\":\"c\"}",
        "{\"a\":\"b\\nc\"}",
        "{\"a\":\"b\",\"A\":\"b\"}"
      })
  void refusesOtherObjectsNamingTheField(String json) throws Exception {
    JsonText node = text(json);

    refused(() -> MessageHeaders.of(node), "headers");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", ":b", "a b:c", "a\u0000:b", "a:b\u0007", "ä:b"})
  void refusesOtherLinesNamingTheParameter(String line) {
    refused(() -> MessageHeaders.of(List.of(line)), "header");
  }

  @Test
  void refusesWhatIsTooLongOrTooMuch() {
    refused(() -> MessageHeaders.of(List.of("a".repeat(129) + ":b")), "header");
    refused(() -> MessageHeaders.of(List.of("a:" + "b".repeat(4_097))), "header");
    refused(() -> MessageHeaders.of(Collections.nCopies(2, "a:b")), "header");
    List<String> many =
        IntStream.rangeClosed(0, MessageHeaders.MOST).mapToObj(i -> "h" + i + ":v").toList();
    refused(() -> MessageHeaders.of(many), "header");
    assertThat(MessageHeaders.of(many.subList(0, MessageHeaders.MOST)))
        .hasSize(MessageHeaders.MOST);
  }
}
