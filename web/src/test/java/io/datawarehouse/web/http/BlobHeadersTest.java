package io.datawarehouse.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlobHeadersTest {

  private static final String DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
  private static final Instant TIME = Instant.parse("1994-11-06T08:49:37Z");

  @ParameterizedTest
  @ValueSource(
      strings = {"text/plain", "text/plain; charset=utf-8", "a/b;x", "application/vnd.a+json"})
  void keepsTheContentType(String type) {
    assertThat(BlobHeaders.contentType(new FakeRequest().header("Content-Type", type)))
        .isEqualTo(type);
  }

  @Test
  void takesNoContentTypeForOctets() {
    assertThat(BlobHeaders.contentType(new FakeRequest())).isEqualTo("application/octet-stream");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "text", "text/", "/plain", "a/b/c", "text plain", "text/pl ain"})
  void refusesAMalformedContentType(String type) {
    assertThatThrownBy(
            () -> BlobHeaders.contentType(new FakeRequest().header("Content-Type", type)))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("Content-Type");
  }

  @Test
  void refusesACodingThatWouldBeForgotten() {
    assertThatThrownBy(
            () ->
                BlobHeaders.refuseUnsupported(new FakeRequest().header("Content-Encoding", "gzip")))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(HttpErrorCode.UNSUPPORTED_MEDIA_TYPE))
        .hasMessageContaining("gzip");
    assertThatCode(
            () ->
                BlobHeaders.refuseUnsupported(
                    new FakeRequest().header("Content-Encoding", "identity")))
        .doesNotThrowAnyException();
  }

  @Test
  void refusesAPartOfABody() {
    assertThatThrownBy(
            () ->
                BlobHeaders.refuseUnsupported(
                    new FakeRequest().header("Content-Range", "bytes 0-1/2")))
        .hasMessageContaining("Content-Range");
  }

  @Test
  void readsConditionsOfWriters() {
    assertThat(BlobHeaders.writeCondition(new FakeRequest())).isSameAs(WriteCondition.none());
    WriteCondition condition =
        BlobHeaders.writeCondition(
            new FakeRequest()
                .header("If-Match", "\"a\"")
                .header("If-Match", "W/\"b\"")
                .header("If-None-Match", "*"));

    assertThat(condition.ifMatch()).hasSize(2).contains("a").doesNotContain("b");
    assertThat(condition.ifNoneMatch()).containsExactly("*");
  }

  @Test
  void readsConditionsOfReaders() {
    assertThat(BlobHeaders.readCondition(new FakeRequest())).isSameAs(ReadCondition.none());
    ReadCondition condition =
        BlobHeaders.readCondition(
            new FakeRequest()
                .header("If-None-Match", "W/\"a\"")
                .header("If-Modified-Since", DATE)
                .header("If-Unmodified-Since", "never")
                .header("If-Range", DATE));

    assertThat(condition.ifNoneMatch()).containsExactly("a");
    assertThat(condition.ifModifiedSince()).contains(TIME);
    assertThat(condition.ifUnmodifiedSince()).isEmpty();
    assertThat(condition.ifRangeDate()).contains(TIME);
    assertThat(condition.ifRangeTag()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"W/\"a\"", "tomorrow", "a"})
  void neverTakesADoubtfulIfRangeForTheSameVersion(String value) {
    ReadCondition condition =
        BlobHeaders.readCondition(new FakeRequest().header("If-Range", value));

    assertThat(condition.ifRangeTag()).isPresent().get().isNotEqualTo("a");
  }
}
