package io.datawarehouse.web.platform;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestLineTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/api/v1/buckets/b/blobs/a%2Fb%20c",
        "/api/v1/buckets/b/blobs/%C3%A4+;v=1",
        "/api/v1/buckets/b/blobs/a/../b",
        "/api/v1/buckets/b/blobs/a%252",
        "http://node/health/live"
      })
  void letsReadablePathsPass(String path) {
    assertThatCode(() -> RequestLine.requireReadablePath(path)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1/buckets/b/blobs/%zz, INVALID_KEY",
    "/api/v1/buckets/b/blobs/a%, INVALID_KEY",
    "/api/v1/buckets/b/blobs/a%4, INVALID_KEY",
    "/api/v1/buckets/b/blobs/a%00b, INVALID_KEY",
    "/api/v1/buckets/b%5Cb, INVALID_ARGUMENT",
    "/api/v1/buckets/b/blobs/%FF, INVALID_KEY",
    "/api/v1/buckets/b/manifests/%C0%AE, INVALID_KEY",
    "/api/../../etc, INVALID_ARGUMENT",
    "/%2e%2e/x, INVALID_ARGUMENT",
    "/%, INVALID_ARGUMENT"
  })
  void refusesWhatTheServerCannotRead(String path, String code) {
    assertThatThrownBy(() -> RequestLine.requireReadablePath(path))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining(path)
        .extracting(e -> ((WarehouseException) e).code().name())
        .isEqualTo(code);
  }

  @Test
  void letsChunkedBodiesPass() {
    assertThatCode(() -> RequestLine.requireKnownTransfer(List.of("Chunked")))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "gzip, chunked", "chunked, chunked", "xchunked", ""})
  void refusesOtherTransferCodings(String coding) {
    assertThatThrownBy(() -> RequestLine.requireKnownTransfer(List.of(coding)))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("Transfer-Encoding");
  }
}
