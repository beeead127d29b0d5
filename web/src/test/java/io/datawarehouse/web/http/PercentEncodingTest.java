package io.datawarehouse.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PercentEncodingTest {

  @ParameterizedTest
  @CsvSource({
    "a, a",
    "a%2Fb, a/b",
    "a%2fb, a/b",
    "a+b, a+b",
    "%C3%A4%20%F0%9F%98%80, ä 😀",
    "%2525, %25",
    "%252e, %2e"
  })
  void decodesOnce(String encoded, String decoded) {
    assertThat(decode(encoded)).isEqualTo(decoded);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "%2", "a%", "a%4", "%zz", "%2g", "%+1", "%-1", "% 1", "%%41"})
  void refusesMalformedEscapes(String encoded) {
    assertRefused(encoded, "two hexadecimal digits");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%ff", "%C0%AF", "%C3", "%ED%A0%80", "%F4%90%80%80", "%80", "%E2%82"})
  void refusesBytesThatAreNoUtf8(String encoded) {
    assertRefused(encoded, "UTF-8");
  }

  private static void assertRefused(String encoded, String words) {
    assertThatThrownBy(() -> decode(encoded))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_KEY))
        .hasMessageContaining("key")
        .hasMessageContaining(words);
  }

  private static String decode(String encoded) {
    return PercentEncoding.decode(encoded, StandardErrorCode.INVALID_KEY, "key");
  }
}
