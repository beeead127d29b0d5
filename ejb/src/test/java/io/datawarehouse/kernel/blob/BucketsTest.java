package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.blob.StorageMessages.BucketCreated;
import io.datawarehouse.sdk.blob.StorageMessages.BucketDescription;
import io.datawarehouse.sdk.blob.StorageMessages.BucketList;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBucket;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class BucketsTest extends BlobServiceFixture {

  private static BucketSettings settings(
      Optional<List<String>> pipeline, Optional<Boolean> versioning, Optional<Duration> retention) {
    return new BucketSettings(
        OptionalInt.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        pipeline,
        versioning,
        OptionalLong.empty(),
        retention);
  }

  private BucketDescription describeBucket(String name) {
    return query(StorageTopics.BUCKET_DESCRIBE, new DescribeBucket(new BucketName(name)))
        .as(BucketDescription.class);
  }

  private BucketList buckets() {
    return ask(Message.query(StorageTopics.BUCKET_LIST, Payload.empty()).build())
        .as(BucketList.class);
  }

  @Test
  void makesABucketOnce() {
    BucketCreated first = createBucket(BUCKET, quota(10));
    clock.advance(Duration.ofHours(1));
    BucketCreated second = createBucket(BUCKET, quota(10));

    assertThat(first.created()).isTrue();
    assertThat(first.bucket())
        .isEqualTo(
            new BucketDescription(
                new BucketName(BUCKET),
                quota(10).withSharding("hash", Optional.empty()),
                Instant.parse("2026-03-01T10:00:00.123Z"),
                BucketUsage.EMPTY));
    assertThat(second).isEqualTo(new BucketCreated(first.bucket(), false));
  }

  @Test
  void namesTheSettingsThatDiffer() {
    createBucket(BUCKET, quota(10));

    WarehouseException refused =
        failure(StandardErrorCode.BUCKET_EXISTS, () -> createBucket(BUCKET, quota(11)));

    assertThat(refused.detail()).contains("quotaBytes").doesNotContain("pipeline");
    assertThat(refused.attributes()).containsEntry("settings", "quotaBytes");
  }

  @Test
  void keepsTheDefinitionOfClusterSettings() {
    BucketSettings asked =
        new BucketSettings(
            OptionalInt.of(3),
            OptionalInt.of(2),
            Optional.of("multi-master"),
            Optional.of("keep-siblings"),
            Optional.of("hash"),
            Optional.of(List.of()),
            Optional.of(false),
            OptionalLong.empty(),
            Optional.of(Duration.ZERO));

    createBucket(BUCKET, asked);

    assertThat(describeBucket(BUCKET).settings()).isEqualTo(asked);
  }

  @Test
  void refusesWhatThisInstallationCannotKeep() {
    BucketSettings pipeline =
        settings(Optional.of(List.of("zstd")), Optional.empty(), Optional.empty());
    BucketSettings versioning = settings(Optional.empty(), Optional.of(true), Optional.empty());
    BucketSettings retention =
        settings(Optional.empty(), Optional.empty(), Optional.of(Duration.ofDays(1)));

    assertThat(unsupported(pipeline).detail())
        .contains("pipeline", "zstd", "no transformer plugin of that name is installed");
    assertThat(unsupported(versioning).detail()).contains("versioning", "latest version only");
    assertThat(unsupported(retention).detail()).contains("retention", "PT24H");
    assertThat(store.buckets()).isEmpty();
  }

  @Test
  void refusesWaysOfCopyingThatNobodyKnows() {
    assertThat(unsupported(copied("nonsense", "crdt")).detail())
        .contains("replication", "nonsense", "single-master", "multi-region");
    assertThat(unsupported(copied("peer", "nonsense")).detail())
        .contains("conflictResolver", "nonsense", "keep-siblings", "last-writer-wins");
    assertThat(store.buckets()).isEmpty();

    createBucket(BUCKET, copied("peer", "crdt"));
    assertThat(describeBucket(BUCKET).settings().replication()).contains("peer");
  }

  private static BucketSettings copied(String replication, String resolver) {
    BucketSettings none = BucketSettings.none();
    return new BucketSettings(
        none.replicationFactor(),
        none.writeQuorum(),
        Optional.of(replication),
        Optional.of(resolver),
        none.sharding(),
        none.shardingOptions(),
        none.pipeline(),
        none.versioning(),
        none.quotaBytes(),
        none.retention());
  }

  private WarehouseException unsupported(BucketSettings settings) {
    return failure(StandardErrorCode.SETTING_UNSUPPORTED, () -> createBucket(BUCKET, settings));
  }

  @Test
  void describesWhatABucketHolds() {
    bucket();
    put("one", "12345");
    put("two", "123");

    assertThat(describeBucket(BUCKET).usage()).isEqualTo(new BucketUsage(2, 8));
  }

  @Test
  void listsBucketsByName() {
    createBucket("zebra", BucketSettings.none());
    createBucket("ant", BucketSettings.none());

    assertThat(buckets().buckets())
        .extracting(bucket -> bucket.name().value())
        .containsExactly("ant", "zebra");
  }

  @Test
  void leavesOutABucketThatIsDeletedWhileItLists() {
    createBucket("ant", BucketSettings.none());
    createBucket("zebra", BucketSettings.none());
    AtomicBoolean once = new AtomicBoolean();
    store.beforeUsage =
        () -> {
          if (once.compareAndSet(false, true)) {
            store.deleteBucket(new BucketName("ant"));
          }
        };

    assertThat(buckets().buckets())
        .extracting(bucket -> bucket.name().value())
        .containsExactly("zebra");
  }

  @Test
  void deletesEmptyBucketsOnly() {
    bucket();
    put("one", "1");
    DeleteBucket command = new DeleteBucket(new BucketName(BUCKET));

    failure(
        StandardErrorCode.BUCKET_NOT_EMPTY, () -> command(StorageTopics.BUCKET_DELETE, command));
    delete("one", WriteCondition.none());
    command(StorageTopics.BUCKET_DELETE, command);

    failure(StandardErrorCode.NO_SUCH_BUCKET, () -> describeBucket(BUCKET));
    failure(StandardErrorCode.NO_SUCH_BUCKET, () -> command(StorageTopics.BUCKET_DELETE, command));
  }
}
