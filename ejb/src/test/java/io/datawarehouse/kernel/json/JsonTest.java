package io.datawarehouse.kernel.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.ContentEncoding;
import io.datawarehouse.sdk.blob.StorageMessages.ListBlobs;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.WrappedKey;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

  @Test
  void manifestLooksAsTheContractSays() {
    BlobManifest manifest =
        new BlobManifest(
            new BucketName("photos"),
            "a/b",
            3,
            3,
            "text/plain",
            "ab",
            "ctx",
            Instant.parse("2026-01-02T03:04:05.678Z"),
            Instant.parse("2026-01-02T03:04:05.678Z"),
            Map.of("k", "v"),
            List.of(new NodeId("node-1")),
            7,
            List.of(),
            false);

    String json = new String(Json.write(manifest), StandardCharsets.UTF_8);

    assertThat(json)
        .isEqualTo(
            "{\"bucket\":\"photos\",\"key\":\"a/b\",\"size\":3,\"storedSize\":3,"
                + "\"contentType\":\"text/plain\",\"etag\":\"ab\",\"context\":\"ctx\","
                + "\"createdAt\":\"2026-01-02T03:04:05.678Z\","
                + "\"lastModified\":\"2026-01-02T03:04:05.678Z\",\"tags\":{\"k\":\"v\"},"
                + "\"owners\":[\"node-1\"],\"segment\":7,\"pipeline\":[],\"deleted\":false}");
    assertThat(read(json, BlobManifest.class)).isEqualTo(manifest);
  }

  @Test
  void manifestDoesNotShowHowContentLiesInTheStore() {
    String plain =
        "{\"bucket\":\"abc\",\"key\":\"k\",\"size\":3,\"storedSize\":3,\"contentType\":\"a/b\","
            + "\"etag\":\"ab\",\"context\":\"\",\"createdAt\":\"2026-01-02T03:04:05Z\","
            + "\"lastModified\":\"2026-01-02T03:04:05Z\",\"tags\":{},\"owners\":[],\"segment\":0,"
            + "\"pipeline\":[\"aes-gcm\"],\"deleted\":false}";
    BlobManifest encoded =
        read(plain, BlobManifest.class)
            .withEncoding(
                List.of("aes-gcm"),
                new ContentEncoding(
                    1024,
                    99,
                    Bytes.copyOf(new byte[16]),
                    Optional.of(new WrappedKey("key-1", Bytes.utf8("wrapped")))));

    assertThat(new String(Json.write(encoded), StandardCharsets.UTF_8)).isEqualTo(plain);
    assertThat(new String(Json.write(List.of(encoded)), StandardCharsets.UTF_8))
        .doesNotContain("encoding", "key-1");
  }

  @Test
  void whatIsNotGivenIsEmpty() {
    BucketSettings settings = read("{\"replicationFactor\":3}", BucketSettings.class);

    assertThat(settings.replicationFactor()).isEqualTo(OptionalInt.of(3));
    assertThat(settings.pipeline()).isEmpty();
    assertThat(read("{}", BucketSettings.class)).isEqualTo(BucketSettings.none());
    assertThat(read("{\"bucket\":\"abc\",\"limit\":5}", ListBlobsWithDefaults.class).prefixes())
        .isEmpty();
  }

  /** Absent lists are empty lists. */
  record ListBlobsWithDefaults(BucketName bucket, int limit, List<String> prefixes) {}

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"replicationFactor\":\"3\"}|replicationFactor",
        "{\"replicationFactor\":99}|replicationFactor",
        "{\"replicationFactor\":1.5}|replicationFactor",
        "{\"pipeline\":[1]}|pipeline[0]",
        "{\"pipeline\":[null]}|pipeline",
        "{\"pipeline\":\"zstd\"}|pipeline",
        "{\"versioning\":\"true\"}|versioning",
        "{\"retention\":\"soon\"}|retention",
        "{\"unheardOf\":1}|unheardOf",
        "{\"quotaBytes\":-1}|quotaBytes",
      })
  void wrongFieldIsNamed(String json, String field) {
    WarehouseException e = failure(json, BucketSettings.class);
    assertThat(e.detail())
        .contains(field)
        .doesNotContain("io.datawarehouse")
        .doesNotContain("java.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{",
        "{\"quotaBytes\":1}}",
        "{\"quotaBytes\":1} x",
        "{\"quotaBytes\":1,\"quotaBytes\":2}",
        "[]",
        "{'quotaBytes':1}",
        "{\"quotaBytes\":NaN}",
        "\u0000"
      })
  void whatIsNotWellFormedIsRefused(String json) {
    assertThat(failure(json, BucketSettings.class).code())
        .isEqualTo(StandardErrorCode.INVALID_JSON);
  }

  @Test
  void deepNestingIsRefused() {
    String deep = "{\"x\":" + "[".repeat(500) + "]".repeat(500) + "}";
    assertThat(failure(deep, Map.class).code()).isEqualTo(StandardErrorCode.INVALID_JSON);
  }

  @Test
  void missingFieldIsNamed() {
    assertThat(failure("{\"limit\":5}", ListBlobs.class).detail()).contains("bucket");
    assertThat(failure("{\"bucket\":\"abc\",\"prefix\":\"\"}", ListBlobs.class).detail())
        .contains("limit");
    assertThat(failure("{\"bucket\":\"abc\",\"key\":\"k\"}", ReadBlob.class).detail())
        .contains("condition");
    assertThat(failure("{\"bucket\":\"abc\",\"key\":\"k\"}", WriteBlob.class).code())
        .isEqualTo(StandardErrorCode.INVALID_JSON);
  }

  @Test
  void ownErrorOfAValueKeepsItsCodeAndNamesTheField() {
    WarehouseException e = failure("{\"bucket\":\"A\",\"key\":\"k\"}", ReadBlob.class);
    assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_BUCKET_NAME);
    assertThat(e.detail()).contains("bucket").contains("'A'");
  }

  private static <T> T read(String json, Class<T> type) {
    return Json.read(json.getBytes(StandardCharsets.UTF_8), type);
  }

  private static WarehouseException failure(String json, Class<?> type) {
    WarehouseException e = catchThrowableOfType(WarehouseException.class, () -> read(json, type));
    assertThat(e).as("%s should be refused", json).isNotNull();
    return e;
  }
}
