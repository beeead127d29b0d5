package io.datawarehouse.sdk.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class StrategySettingTest {

  private static final StrategySetting POINTS =
      new StrategySetting.WholeNumber("points", 128, 1, 4096);
  private static final StrategySetting BOUND =
      new StrategySetting.WholeNumber("boundPercent", 0, 101, 500, OptionalLong.of(0));
  private static final StrategySetting LOUD = new StrategySetting.Flag("loud", true);
  private static final StrategySetting SIDE =
      new StrategySetting.Choice("side", "left", List.of("left", "far-right"));
  private static final List<StrategySetting> ALL = List.of(POINTS, BOUND, LOUD, SIDE);

  @Test
  void textsAreReadAsWhatMayBeSetAndNothingElse() {
    assertThat(POINTS.parse("4096")).contains(4096L);
    assertThat(POINTS.parse("0")).isEmpty();
    assertThat(POINTS.parse("4097")).isEmpty();
    assertThat(POINTS.parse("many")).isEmpty();
    assertThat(BOUND.parse("0")).contains(0L);
    assertThat(BOUND.parse("100")).isEmpty();
    assertThat(BOUND.parse("101")).contains(101L);
    assertThat(LOUD.parse("false")).contains(false);
    assertThat(LOUD.parse("no")).isEmpty();
    assertThat(SIDE.parse("far-right")).contains("far-right");
    assertThat(SIDE.parse("Left")).isEmpty();
    for (StrategySetting setting : ALL) {
      assertThat(setting.parse(setting.usual().toString())).contains(setting.usual());
      assertThat(setting.allows(List.of())).isFalse();
    }
  }

  @Test
  void rulesSayWhatMayBeSet() {
    assertThat(ALL)
        .extracting(StrategySetting::rule)
        .containsExactly(
            "use 1 to 4096",
            "use 0 or 101 to 500",
            "use true or false",
            "use one of left, far-right");
    assertThat(BOUND.key()).isEqualTo("bound-percent");
  }

  @Test
  void valuesHaveADefaultForAllThatIsNotGiven() {
    StrategyValues values = StrategyValues.of(ALL, Map.of("points", 64L, "loud", false));

    assertThat(values.number("points")).isEqualTo(64);
    assertThat(values.number("boundPercent")).isZero();
    assertThat(values.flag("loud")).isFalse();
    assertThat(values.word("side")).isEqualTo("left");
    assertThatThrownBy(() -> values.flag("points")).hasMessageContaining("points");
    assertThatThrownBy(() -> StrategyValues.of(ALL, Map.of("points", 0L)))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("points is '0': use 1 to 4096");
    assertThatThrownBy(() -> StrategyValues.of(ALL, Map.of("speed", 1L)))
        .hasMessageContaining("speed");
  }

  @Test
  void settingThatCannotBeIsRefused() {
    assertThatThrownBy(() -> new StrategySetting.Flag("Loud", true)).hasMessageContaining("name");
    assertThatThrownBy(() -> new StrategySetting.Flag("a.b", true)).hasMessageContaining("name");
    assertThatThrownBy(() -> new StrategySetting.WholeNumber("n", 5, 1, 4))
        .hasMessageContaining("default");
    assertThatThrownBy(() -> new StrategySetting.WholeNumber("n", 5, 9, 4))
        .hasMessageContaining("least");
    assertThatThrownBy(() -> new StrategySetting.Choice("c", "up", List.of("down")))
        .hasMessageContaining("default");
    assertThatThrownBy(() -> new StrategySetting.Choice("c", "a,b", List.of("a,b")))
        .hasMessageContaining("words");
  }
}
