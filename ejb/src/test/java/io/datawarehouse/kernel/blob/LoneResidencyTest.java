package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A node that is alone holds buckets of a cluster that it was in, with their rules. */
class LoneResidencyTest extends BlobServiceFixture {

  private static final String ELSEWHERE = "{'residency': {'zones': ['elsewhere']}}";
  private static final String HERE =
      "{'residency': {'zones': ['%s']}}".formatted(NodeDescriptor.DEFAULT_ZONE);

  private static BucketDefinition ruled(String scheme, String options) {
    return new BucketDefinition(
        new BucketName(BUCKET),
        BucketSettings.none()
            .withSharding(
                scheme,
                Optional.of(
                    Json.read(
                        options.replace('\'', '"').getBytes(StandardCharsets.UTF_8),
                        ShardingOptions.class))),
        START);
  }

  private void has(BucketDefinition bucket) {
    assertThat(store.createBucket(bucket)).isTrue();
  }

  @Test
  void takesNoWriteThatARuleForbidsAndKeepsNothingOfIt() {
    has(ruled("geographic", ELSEWHERE));

    assertThat(failure(StandardErrorCode.RESIDENCY_UNSATISFIED, () -> put("key", "text")).detail())
        .contains("node-1", "elsewhere");
    assertThat(store.findManifest(new BlobKey(new BucketName(BUCKET), "key"))).isEmpty();
  }

  @Test
  void takesWhatRulesAllowAndGoesByTheKey() {
    has(
        ruled(
            "directory",
            "{'entries': [{'prefix': 'far/', 'node': 'node-9'}, {'key': 'far/near', 'node': 'node-1'}]}"));

    put("far/near", "one");
    put("anything", "two");

    assertThat(get("far/near")).isEqualTo("one");
    assertThat(get("anything")).isEqualTo("two");
    assertThat(
            failure(StandardErrorCode.RESIDENCY_UNSATISFIED, () -> put("far/off", "no")).detail())
        .contains("node-1");
  }

  @Test
  void whatLiesHereFromBeforeIsReadAndDeleted() {
    BucketDefinition before = ruled("geographic", HERE);
    has(before);
    put("key", "text");
    assertThat(store.replaceBucket(before, ruled("geographic", ELSEWHERE))).isTrue();

    assertThat(get("key")).isEqualTo("text");
    assertThat(failure(StandardErrorCode.RESIDENCY_UNSATISFIED, () -> put("key", "more")).detail())
        .contains("elsewhere");
    assertThat(delete("key", WriteCondition.none())).isNotNull();
    assertThat(exists("key")).isFalse();
  }

  @Test
  void rulesAreThoseOfTheBucketAsItIsNow() {
    BucketDefinition before = ruled("geographic", ELSEWHERE);
    has(before);
    assertThat(failure(StandardErrorCode.RESIDENCY_UNSATISFIED, () -> put("key", "no")).detail())
        .contains("elsewhere");

    assertThat(store.replaceBucket(before, ruled("geographic", HERE))).isTrue();

    put("key", "yes");
    assertThat(get("key")).isEqualTo("yes");
  }
}
