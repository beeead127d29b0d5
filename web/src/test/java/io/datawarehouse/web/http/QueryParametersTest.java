package io.datawarehouse.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryParametersTest {

  @Test
  void givesDecodedValues() {
    QueryParameters query =
        QueryParameters.parse("prefix=a%2Fb+c%2Bd&limit=7&after=", "prefix", "limit", "after");

    assertThat(query.find("prefix")).contains("a/b c+d");
    assertThat(query.find("after")).contains("");
    assertThat(query.integer("limit", 1, 1, 10)).isEqualTo(7);
  }

  @Test
  void givesAllValuesOfAParameterThatMayBeRepeated() {
    QueryParameters query =
        QueryParameters.parse("header=a%3A1&x=7&header=b:2", Set.of("header"), "header", "x");

    assertThat(query.all("header")).containsExactly("a:1", "b:2");
    assertThat(query.all("x")).containsExactly("7");
    assertThat(QueryParameters.parse("x=7", Set.of("header"), "header", "x").all("header"))
        .isEmpty();
    assertThatThrownBy(() -> QueryParameters.parse("x=7&x=8", Set.of("header"), "header", "x"))
        .hasMessageContaining("x is '8'");
  }

  @ParameterizedTest
  @NullAndEmptySource
  void takesNoQueryForNoParameters(String query) {
    assertThat(QueryParameters.parse(query, "limit").find("limit")).isEmpty();
    assertThat(QueryParameters.parse(query, "limit").integer("limit", 5, 1, 10)).isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource({
    "limt=1, limt",
    "limit=1&x=2, x",
    "limit=1&limit=1, limit",
    "limit=1&limit=2, limit",
    "limit=1&, query parameter",
    "&limit=1, query parameter",
    "prefix=%zz, prefix",
    "prefix=%ff, prefix",
    "%zz=1, query",
    "Limit=1, Limit"
  })
  void namesWhatIsWrong(String query, String named) {
    assertThatThrownBy(() -> QueryParameters.parse(query, "limit", "prefix"))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining(named);
  }

  @ParameterizedTest
  @ValueSource(strings = {"prefix=a b", "prefix=ä", "prefix=\u0001", "prefix=\u007f"})
  void refusesBytesThatMustBeEncoded(String query) {
    assertThatThrownBy(() -> QueryParameters.parse(query, "prefix"))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("prefix");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1001", "-1", "1.5", "abc", "", "99999999999", "0x10", "1 "})
  void refusesNumbersOutOfRange(String number) {
    QueryParameters query = QueryParameters.parse("limit=" + number.replace(" ", "%20"), "limit");

    assertThatThrownBy(() -> query.integer("limit", 1, 1, 1000))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("limit")
        .hasMessageContaining("1 to 1000");
  }
}
