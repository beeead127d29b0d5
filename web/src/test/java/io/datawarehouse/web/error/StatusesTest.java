package io.datawarehouse.web.error;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.error.ErrorCategory;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.web.http.HttpErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class StatusesTest {

  private record PluginCode(ErrorCategory category) implements ErrorCode {
    @Override
    public String name() {
      return "PLUGIN_CODE";
    }

    @Override
    public boolean retryable() {
      return false;
    }
  }

  @ParameterizedTest
  @EnumSource(StandardErrorCode.class)
  void blamesTheCallerForWhatTheCallerDidAlone(StandardErrorCode code) {
    int status = Statuses.of(code);

    if (code.category() == ErrorCategory.USER && code != StandardErrorCode.CONFIG_INVALID) {
      assertThat(status).isBetween(400, 499);
    } else if (code != StandardErrorCode.CONFIG_INVALID) {
      assertThat(status).isBetween(500, 599);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "INVALID_KEY, 400",
    "DIGEST_MISMATCH, 400",
    "UNAUTHENTICATED, 401",
    "FORBIDDEN, 403",
    "NO_SUCH_BLOB, 404",
    "NO_HANDLER, 404",
    "CONTENT_STALLED, 408",
    "BUCKET_EXISTS, 409",
    "BUCKET_NOT_EMPTY, 409",
    "PRECONDITION_FAILED, 412",
    "TOO_LARGE, 413",
    "RANGE_NOT_SATISFIABLE, 416",
    "BLOB_CORRUPT, 500",
    "BULKHEAD_FULL, 503",
    "CIRCUIT_OPEN, 503",
    "UNAVAILABLE, 503",
    "OWNER_UNAVAILABLE, 503",
    "TIMEOUT, 504",
    "QUOTA_EXCEEDED, 507",
    "DISK_FULL, 507"
  })
  void hasTheStatusOfTheContract(StandardErrorCode code, int status) {
    assertThat(Statuses.of(code)).isEqualTo(status);
  }

  @Test
  void judgesAPluginsCodeByItsCategory() {
    assertThat(Statuses.of(new PluginCode(ErrorCategory.USER))).isEqualTo(400);
    assertThat(Statuses.of(new PluginCode(ErrorCategory.RESOURCES))).isEqualTo(503);
    assertThat(Statuses.of(new PluginCode(ErrorCategory.INTERNAL))).isEqualTo(500);
    assertThat(Statuses.of(new PluginCode(ErrorCategory.EXTERNAL))).isEqualTo(500);
  }

  @ParameterizedTest
  @EnumSource(HttpErrorCode.class)
  void knowsTheCodeOfEveryStatusOfItsOwn(HttpErrorCode code) {
    assertThat(HttpErrorCode.ofStatus(Statuses.of(code))).isEqualTo(code);
  }

  @Test
  void makesTitlesOfCodes() {
    assertThat(Statuses.title("NO_SUCH_BLOB")).isEqualTo("No such blob");
  }
}
