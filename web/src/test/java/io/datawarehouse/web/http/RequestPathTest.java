package io.datawarehouse.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.error.WarehouseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPathTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/api/v1/buckets/b-1.x/blobs/a//b/",
        "/api/v1/buckets/b/blobs/a;v=1,2+c@d:e!$&'()*~_",
        "/api/v1/buckets/b/blobs/...",
        "/api/v1/buckets/b/blobs/.a/a./..b/b..",
        "/api/v1/buckets/b/blobs/%252e%252e/x",
        "/api/v1/buckets/b/blobs/a/..%3Bv",
        "/api/v1/buckets/b/blobs/a/%2e%2e%3bv=1;w/x",
        "/api/v1/buckets/b/blobs/...;v",
        "/api/v1/buckets/b/blobs/a;../x",
        "/api/v1/buckets/b/blobs/%C3%A4"
      })
  void letsWellFormedPathsPass(String path) {
    assertThatCode(() -> RequestPath.requireWellFormed(path)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/buckets/b/blobs/.",
        "/api/v1/buckets/b/blobs/..",
        "/api/v1/buckets/b/blobs/a/./b",
        "/api/v1/buckets/b/blobs/a/../b",
        "/api/v1/buckets/b/blobs/%2e",
        "/api/v1/buckets/b/blobs/%2E%2e/x",
        "/api/v1/buckets/b/blobs/.%2e/x",
        "/api/v1/buckets/b/blobs/..%2fx",
        "/api/v1/buckets/b/blobs/a%2F..%2Fx",
        "/api/v1/buckets/b/blobs/..%5Cx",
        "/api/v1/buckets/b/blobs/..;/x",
        "/api/v1/buckets/b/blobs/.%2e;a=b/x",
        "/api/v1/buckets/b/blobs/a/..;v",
        "/api/v1/buckets/b/blobs/a%2f..;v",
        "/api/v1/buckets/b/blobs/a%5c.;v",
        "/api/v1/buckets/b/blobs/a;v%2F..",
        "/health/../metrics",
        "/./api/v1/buckets"
      })
  void refusesDotSegmentsHoweverTheyAreWritten(String path) {
    assertThatThrownBy(() -> RequestPath.requireWellFormed(path))
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code().name()).isEqualTo("INVALID_KEY"))
        .hasMessageContaining("as a part");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"|", "\"", "<", ">", "^", "`", "{a}", "[a]", "\\", "#f", " ", "ä", "\u0001"})
  void refusesCharactersThatMustBeEncoded(String raw) {
    assertThatThrownBy(() -> RequestPath.requireWellFormed("/api/v1/buckets/b/blobs/" + raw))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("percent-encoded");
  }

  @ParameterizedTest
  @CsvSource({
    "a, a",
    "a/b, a/b",
    "a//b/, a//b/",
    "/a, /a",
    "a%2Fb, a/b",
    "a;b=c/;d, a;b=c/;d",
    "a%3Bb, a;b",
    "a+b, a+b",
    "a%20b, a b",
    "blobs/blobs, blobs/blobs",
    "%F0%9F%98%80, 😀",
    "a%253Fb, a%3Fb"
  })
  void takesTheKeyFromTheRawPath(String raw, String key) {
    assertThat(RequestPath.blob("/api/v1/buckets/photos/blobs/" + raw))
        .isEqualTo(BlobKey.of("photos", key));
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1/buckets/photos/blobs/, INVALID_KEY",
    "/api/v1/buckets/photos/blobs/a%00b, INVALID_KEY",
    "/api/v1/buckets/photos/blobs/a%0Ab, INVALID_KEY",
    "/api/v1/buckets/photos/blobs/%FF, INVALID_KEY",
    "/api/v1/buckets/ab/blobs/x, INVALID_BUCKET_NAME",
    "/api/v1/buckets/A%2Fb/blobs/x, INVALID_BUCKET_NAME",
    "/api/v1/buckets/pho;a=b/blobs/x, INVALID_BUCKET_NAME",
    "/api/v1/buckets/%zz/blobs/x, INVALID_BUCKET_NAME"
  })
  void refusesNamesThatBreakTheRules(String path, String code) {
    assertThatThrownBy(() -> RequestPath.blob(path))
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code().name()).isEqualTo(code));
  }

  @Test
  void refusesKeysOfMoreThan1024Bytes() {
    String longest = "%C3%A4".repeat(512);

    assertThat(RequestPath.blob("/api/v1/buckets/photos/blobs/" + longest).key()).hasSize(512);
    assertThatThrownBy(() -> RequestPath.blob("/api/v1/buckets/photos/blobs/" + longest + "a"))
        .hasMessageContaining("1024");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "...", "a;jsessionid=1", "a%5Cb", "a//b/", "blobs/x", "%zz"})
  void givesServersAPathToRouteByThatHoldsNoKey(String key) {
    assertThat(RequestPath.routable("/api/v1/buckets/photos/blobs/" + key))
        .contains("/api/v1/buckets/photos/blobs/-");
    assertThat(RequestPath.routable("/api/v1/buckets/p%20/manifests/" + key))
        .contains("/api/v1/buckets/p%20/manifests/-");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/api/v1/buckets/photos",
        "/api/v1/buckets/photos/blobs",
        "/api/v1/buckets/photos/blob/x",
        "/api/v1/buckets/pho;to/blobs/x",
        "/api/v1/buckets//photos/blobs/x",
        "/api/v1/buckets/a/b/blobs/x",
        "/x/api/v1/buckets/photos/blobs/x",
        "http://node/api/v1/buckets/photos/blobs/x"
      })
  void leavesOtherPathsToTheServer(String path) {
    assertThat(RequestPath.routable(path)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1, true",
    "/api/v1/x, true",
    "//api//v1/x, true",
    "/API/V1/x, true",
    "/api/v1;a/x, true",
    "/api/v10, false",
    "/health, false",
    "/api, false"
  })
  void takesWhatMightBeUnderAPrefixForIt(String path, boolean under) {
    assertThat(RequestPath.mayBeUnder(path, "/api/v1")).isEqualTo(under);
  }
}
