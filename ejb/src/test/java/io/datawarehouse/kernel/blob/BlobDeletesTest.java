package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.error.StandardErrorCode;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlobDeletesTest extends BlobServiceFixture {

  @BeforeEach
  void makeBucket() {
    bucket();
  }

  @Test
  void givesTheVersionThatWasThere() {
    BlobManifest written = put("key", "one");

    assertThat(delete("key", WriteCondition.none()).manifest()).isEqualTo(written);

    assertThat(exists("key")).isFalse();
    failure(StandardErrorCode.NO_SUCH_BLOB, () -> delete("key", WriteCondition.none()));
  }

  @Test
  void judgesTheConditionAtTheMomentOfDeleting() {
    put("key", "one");
    store.beforeChange =
        () -> {
          store.beforeChange = () -> {};
          put("key", "two");
        };

    failure(StandardErrorCode.PRECONDITION_FAILED, () -> delete("key", ifMatch(sha256("one"))));
    assertThat(get("key")).isEqualTo("two");

    delete("key", ifMatch(sha256("two")));
    assertThat(exists("key")).isFalse();
  }

  @Test
  void aMissingBlobIsMissingWhateverTheCondition() {
    failure(StandardErrorCode.NO_SUCH_BLOB, () -> delete("absent", ifMatch("*")));
  }

  @Test
  void tellsAMissingBucketFromAMissingBlob() {
    failure(
        StandardErrorCode.NO_SUCH_BUCKET,
        () ->
            command(
                StorageTopics.DELETE,
                new DeleteBlob(
                    new BucketName("other"), "key", WriteCondition.none(), Optional.empty())));
  }

  @Test
  void refusesAMalformedContext() {
    put("key", "one");

    failure(
        StandardErrorCode.INVALID_CONTEXT,
        () ->
            command(
                StorageTopics.DELETE,
                new DeleteBlob(
                    new BucketName(BUCKET), "key", WriteCondition.none(), Optional.of("?"))));
    assertThat(exists("key")).isTrue();
  }
}
