package io.datawarehouse.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.WarehouseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadersTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization",
        "Content-Type",
        "Content-Length",
        "Content-Range",
        "Content-Encoding",
        "Range",
        "If-Range",
        "If-Modified-Since",
        "If-Unmodified-Since",
        "DW-Context",
        "dw-context",
        "Host",
        "Transfer-Encoding"
      })
  void refusesAHeaderTwiceThatMayStandOnce(String name) {
    FakeRequest request = new FakeRequest().header(name, "secret").header(name, "secret");

    assertThatThrownBy(() -> RequestHeaders.requireWellFormed(request))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("2 times")
        .hasMessageNotContaining("secret");
  }

  @Test
  void letsListsStandInSeveralLines() {
    FakeRequest request =
        new FakeRequest()
            .header("If-Match", "\"a\"")
            .header("If-Match", "\"b\"")
            .header("DW-Tag", "a=1")
            .header("DW-Tag", "b=2")
            .header("Accept", "*/*")
            .header("Accept", "text/plain");

    assertThatCode(() -> RequestHeaders.requireWellFormed(request)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\u0000b", "a\u0001b", "a\u001fb", "a\rb", "a\nb", "a\u007fb"})
  void refusesControlCharactersNamingTheHeader(String value) {
    FakeRequest second = new FakeRequest().header("DW-Tag", "a=1").header("DW-Tag", value);

    assertThatThrownBy(() -> RequestHeaders.requireWellFormed(second))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("DW-Tag");
  }

  @Test
  void refusesValuesWithoutBound() {
    FakeRequest request = new FakeRequest().header("DW-Context", "a".repeat(8193));

    assertThatThrownBy(() -> RequestHeaders.requireWellFormed(request))
        .hasMessageContaining("DW-Context");
  }

  @Test
  void refusesALengthBesideChunks() {
    FakeRequest request =
        new FakeRequest().header("Content-Length", "3").header("Transfer-Encoding", "chunked");

    assertThatThrownBy(() -> RequestHeaders.requireWellFormed(request))
        .hasMessageContaining("Content-Length");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "gzip, chunked", "chunked, chunked", "xchunked", ""})
  void refusesOtherTransferCodings(String coding) {
    FakeRequest request = new FakeRequest().header("Transfer-Encoding", coding);

    assertThatThrownBy(() -> RequestHeaders.requireWellFormed(request))
        .hasMessageContaining("Transfer-Encoding");
  }

  @ParameterizedTest
  @ValueSource(strings = {"101-switch", "100-continue, 101-switch", "x=1", ""})
  void refusesOtherExpectations(String expectation) {
    FakeRequest request = new FakeRequest().header("Expect", expectation);

    assertThatThrownBy(() -> RequestHeaders.requireWellFormed(request))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code().name()).isEqualTo("INVALID_ARGUMENT"))
        .hasMessageContaining("Expect");
  }

  @ParameterizedTest
  @ValueSource(strings = {"100-continue", "100-Continue", " 100-continue "})
  void letsAClientWaitToBeAskedForItsBody(String expectation) {
    FakeRequest request = new FakeRequest().header("Expect", expectation);

    assertThatCode(() -> RequestHeaders.requireWellFormed(request)).doesNotThrowAnyException();
  }

  @Test
  void readsSingleAndListedValues() {
    FakeRequest request = new FakeRequest().header("X", " a ").header("Y", "a").header("Y", "b, c");

    assertThat(RequestHeaders.find(request, "X")).contains("a");
    assertThat(RequestHeaders.find(request, "Z")).isEmpty();
    assertThat(RequestHeaders.joined(request, "Y")).contains("a, b, c");
    assertThat(RequestHeaders.joined(request, "Z")).isEmpty();
  }
}
