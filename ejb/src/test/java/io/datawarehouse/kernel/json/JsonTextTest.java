package io.datawarehouse.kernel.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {

  record Letter(Optional<JsonText> content, Optional<String> signature) {}

  record Split(Optional<ShardingOptions> shardingOptions) {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":[1,-2.50,1e400,\"x\",null,true,{}]}",
        "\"text \\\"\\n \u00e4\"",
        "0.10000000000000000000000000001",
        "[]",
        "[[],[{}]]",
        "false"
      })
  void keepsAValueAsItIsWritten(String json) {
    Letter letter = letter("{\"content\":" + json + ",\"signature\":\"s\"}");

    assertThat(letter.content().orElseThrow().utf8().asUtf8()).isEqualTo(json);
    assertThat(letter.signature()).contains("s");
  }

  @Test
  void leavesOutBlanks() {
    assertThat(
            letter("{\"content\" : { \"a\" :\n[ 1 , 2 ] } }")
                .content()
                .orElseThrow()
                .utf8()
                .asUtf8())
        .isEqualTo("{\"a\":[1,2]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"content\":null}", "{}"})
  void takesNothingForNull(String json) {
    JsonText content = letter(json).content().orElseThrow();

    assertThat(content.isNull()).isTrue();
    assertThat(content.utf8().asUtf8()).isEqualTo("null");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"a\":1,\"a\":2}", "[1,]", "[1", "{\"a\"}", "01", "[1]]", "\"\\x\"", "{'a':1}"})
  void refusesWhatIsNoJson(String json) {
    assertThatThrownBy(() -> letter("{\"content\":" + json + "}"))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_JSON));
  }

  @Test
  void refusesWhatIsNestedTooDeep() {
    assertThatThrownBy(() -> letter("{\"content\":" + "[".repeat(70) + "]".repeat(70) + "}"))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_JSON));
  }

  @Test
  void putsOptionsInOrder() {
    assertThat(
            split("{ \"b\": [ {\"d\":1, \"c\":2} ], \"a\": null }").shardingOptions().orElseThrow())
        .hasToString("{\"a\":null,\"b\":[{\"c\":2,\"d\":1}]}");
  }

  @Test
  void refusesOptionsAtTheirLimitAndNotAtTheEndOfTheBody() {
    String endless = "{\"entries\":[" + "{},".repeat(ShardingOptions.LONGEST);

    // It is no JSON at all: only who reads to the end can find that out.
    assertThatThrownBy(() -> split(endless))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("shardingOptions")
        .hasMessageContaining("65536");
  }

  @Test
  void takesOptionsUpToTheLimit() {
    String frame = "{\"a\":\"\"}";
    String longest = "{\"a\":\"" + "x".repeat(ShardingOptions.LONGEST - frame.length()) + "\"}";

    assertThat(split(longest).shardingOptions().orElseThrow()).hasToString(longest);
    assertThatThrownBy(() -> split(longest.replace("x\"", "xx\"")))
        .hasMessageContaining("shardingOptions");
  }

  private static Letter letter(String json) {
    return Json.read(json.getBytes(StandardCharsets.UTF_8), Letter.class);
  }

  private static Split split(String options) {
    return Json.read(
        ("{\"shardingOptions\":" + options + "}").getBytes(StandardCharsets.UTF_8), Split.class);
  }
}
