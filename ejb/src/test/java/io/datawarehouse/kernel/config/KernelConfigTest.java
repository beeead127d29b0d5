package io.datawarehouse.kernel.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.PluginConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KernelConfigTest {

  @Test
  void emptyValueCountsAsNotSet() {
    KernelConfig config = KernelConfig.of(Map.of("dw.a", "  ", "dw.b", " x "));

    assertThat(config.find("dw.a")).isEmpty();
    assertThat(config.text("dw.a", "default")).isEqualTo("default");
    assertThat(config.find("dw.b")).contains("x");
  }

  @Test
  void valueIsReadWhenItIsAsked() {
    Map<String, String> values = new HashMap<>();
    KernelConfig config =
        new KernelConfig(name -> Optional.ofNullable(values.get(name)), values::keySet);

    assertThat(config.number("dw.n", 1, 0, 9)).isEqualTo(1);
    values.put("dw.n", "7");
    assertThat(config.number("dw.n", 1, 0, 9)).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "65536,65536",
    "1KiB,1024",
    "1 KiB,1024",
    "10MiB,10485760",
    "2GiB,2147483648",
    "1TiB,1099511627776"
  })
  void bytesHaveUnits(String text, long bytes) {
    assertThat(of("dw.size", text).bytes("dw.size", 1, 0, Long.MAX_VALUE)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1.5MiB", "1KB", "1kib", "MiB", "999999999999999999TiB", "x"})
  void otherBytesAreRefused(String text) {
    assertInvalid(
        () -> of("dw.size", text).bytes("dw.size", 1, 0, Long.MAX_VALUE), "dw.size", text);
  }

  @ParameterizedTest
  @CsvSource({
    "500ms,PT0.5S",
    "30s,PT30S",
    "5m,PT5M",
    "2h,PT2H",
    "PT30S,PT30S",
    "PT1M30S,PT90S",
    "0s,PT0S"
  })
  void durationsHaveUnits(String text, Duration duration) {
    assertThat(of("dw.time", text).duration("dw.time", Duration.ZERO)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"30", "-30s", "PT-30S", "1d", "soon", "30S"})
  void otherDurationsAreRefused(String text) {
    assertInvalid(() -> of("dw.time", text).duration("dw.time", Duration.ZERO), "dw.time", text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "101", "ten", "1e2", "99999999999999999999"})
  void numbersOutsideTheirRangeAreRefused(String text) {
    assertInvalid(() -> of("dw.n", text).number("dw.n", 5, 1, 100), "dw.n", text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "TRUE", "1"})
  void flagsAreTrueOrFalse(String text) {
    assertThat(of("dw.f", "true").flag("dw.f", false)).isTrue();
    assertThat(of("dw.f", "false").flag("dw.f", true)).isFalse();
    assertInvalid(() -> of("dw.f", text).flag("dw.f", false), "dw.f", text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"dw.plugin.s3.secret", "dw.plugin.s3.accessKey", "dw.password.age", "dw.Token"})
  void valuesThatLookSecretAreNotShown(String name) {
    assertThatThrownBy(() -> of(name, "hunter2").number(name, 1, 0, 9))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining(name)
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void pluginSeesItsOwnPartOnly() {
    PluginConfig config =
        KernelConfig.of(
                Map.of(
                    "dw.plugin.a.size", "3",
                    "dw.plugin.a.empty", "",
                    "dw.plugin.ab.size", "4",
                    "dw.bus.threads", "5",
                    "java.home", "x"))
            .scope("dw.plugin.a.");

    assertThat(config.names()).containsExactly("size");
    assertThat(config.number("size", 1, 0, 9)).isEqualTo(3);
    assertThat(config.find("../ab.size")).isEmpty();
    assertThat(config.find("b.size")).isEmpty();
  }

  @Test
  void pluginIsToldTheFullNameOfWhatIsWrong() {
    PluginConfig config = of("dw.plugin.a.size", "big").scope("dw.plugin.a.");

    assertInvalid(() -> config.bytes("size", 1, 0, 9), "dw.plugin.a.size", "big");
    assertInvalid(() -> config.number("size", 1, 0, 9), "dw.plugin.a.size", "big");
    assertInvalid(() -> config.flag("size", true), "dw.plugin.a.size", "big");
    assertInvalid(() -> config.duration("size", Duration.ZERO), "dw.plugin.a.size", "big");
  }

  @Test
  void namesAreThoseOfThisProduct() {
    KernelConfig config = KernelConfig.of(Map.of("dw.b", "1", "dw.a", "2", "dwarf", "3"));

    assertThat(config.names()).containsExactly("dw.a", "dw.b");
  }

  private static KernelConfig of(String name, String value) {
    return KernelConfig.of(Map.of(name, value));
  }

  private static void assertInvalid(ThrowingCallable code, String name, String value) {
    assertThatThrownBy(code)
        .hasMessageStartingWith(name + " is '" + value + "': ")
        .extracting(e -> ((WarehouseException) e).code())
        .isEqualTo(StandardErrorCode.CONFIG_INVALID);
  }
}
