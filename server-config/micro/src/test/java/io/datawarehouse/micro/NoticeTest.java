package io.datawarehouse.micro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class NoticeTest {

  private static Duration notice(Map<String, String> properties, Map<String, String> environment) {
    return Notice.from(properties::get, environment::get);
  }

  private static Duration of(String text) {
    return notice(Map.of(Notice.PROPERTY, text), Map.of());
  }

  @Test
  void isATimeWithItsUnit() {
    assertThat(of("250ms")).isEqualTo(Duration.ofMillis(250));
    assertThat(of("5s")).isEqualTo(Duration.ofSeconds(5));
    assertThat(of("1m")).isEqualTo(Duration.ofMinutes(1));
    assertThat(of("0s")).isZero();
  }

  @Test
  void thePropertyWinsOverTheEnvironmentAndThatOverTheDefault() {
    Map<String, String> environment = Map.of("DW_SHUTDOWN_NOTICE", "2s");

    assertThat(notice(Map.of(), environment)).isEqualTo(Duration.ofSeconds(2));
    assertThat(notice(Map.of(Notice.PROPERTY, "3s"), environment)).isEqualTo(Duration.ofSeconds(3));
    assertThat(notice(Map.of(), Map.of())).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  void whatIsNoTimeIsRefusedByName() {
    for (String text : new String[] {"5", "s", "-1s", "1h", "2m", "1s ", "9999999s", "61s"}) {
      assertThatThrownBy(() -> of(text))
          .as(text)
          .isInstanceOf(StartFailure.class)
          .hasMessageContaining("dw.shutdown.notice is '" + text + "'");
    }
  }
}
