package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.kernel.pipeline.MemoryDataKeys;
import io.datawarehouse.plugin.compression.CompressionPlugin;
import io.datawarehouse.plugin.encryption.EncryptionPlugin;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.ByteRange;
import io.datawarehouse.sdk.blob.ContentDigest;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.StorageMessages.BucketDescription;
import io.datawarehouse.sdk.blob.StorageMessages.ChangePipeline;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.transform.ContentTransformer;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class BlobPipelinesTest extends BlobServiceFixture {

  private static final List<String> DEFAULT = List.of("zstd", "aes-gcm");

  // Set by pipelines(), which the fixture calls: so it has no value here.
  private List<ContentTransformer> transformers;

  @Override
  ContentPipelines pipelines() {
    transformers = new ArrayList<>(new CompressionPlugin().transformers());
    transformers.addAll(new EncryptionPlugin().transformers());
    return new ContentPipelines(
        new ContentPipelines.Options(
            () -> List.copyOf(transformers),
            new MemoryDataKeys(),
            Runnable::run,
            new SecureRandom(),
            DEFAULT));
  }

  private static String text(int size) {
    return "what is written once is read often. ".repeat(size / 36 + 1).substring(0, size);
  }

  private BucketDescription change(String... stages) {
    return command(
            StorageTopics.BUCKET_PIPELINE,
            new ChangePipeline(new BucketName(BUCKET), List.of(stages)))
        .as(BucketDescription.class);
  }

  private static BucketSettings asking(String... stages) {
    return BucketSettings.none().withPipeline(List.of(stages));
  }

  @Test
  void givesABucketTheDefaultUnlessItAsksForSomethingElse() {
    assertThat(createBucket("default", BucketSettings.none()).bucket().settings().pipeline())
        .contains(DEFAULT);
    assertThat(createBucket("none", asking()).bucket().settings().pipeline()).contains(List.of());
    assertThat(createBucket("own", asking("lz4")).bucket().settings().pipeline())
        .contains(List.of("lz4"));

    assertThat(createBucket("default", BucketSettings.none()).created()).isFalse();
    assertThat(createBucket("default", asking("zstd", "aes-gcm")).created()).isFalse();
    assertThat(createBucket("own", BucketSettings.none()).created()).isFalse();
    assertThat(
            failure(
                    StandardErrorCode.BUCKET_EXISTS,
                    () -> createBucket("default", asking("lz4", "aes-gcm")))
                .detail())
        .contains("pipeline");
  }

  @Test
  void leavesBucketsAsTheyWereThatWereMadeBeforeThereWerePipelines() {
    store.createBucket(
        new BucketDefinition(new BucketName(BUCKET), BucketSettings.none(), clock.instant()));

    BlobManifest manifest = put("k", text(1000));

    assertThat(manifest.pipeline()).isEmpty();
    assertThat(manifest.encoding()).isEmpty();
    assertThat(manifest.storedSize()).isEqualTo(1000);
    assertThat(createBucket(BUCKET, BucketSettings.none()).created()).isFalse();
    assertThat(createBucket(BUCKET, asking()).created()).isFalse();
  }

  @Test
  void keepsSizeAndDigestOfWhatWasWritten() {
    bucket();
    String text = text(700_000);

    BlobManifest manifest = put("k", text);

    assertThat(manifest.size()).isEqualTo(700_000);
    assertThat(manifest.storedSize()).isLessThan(70_000);
    assertThat(manifest.etag()).isEqualTo(sha256(text));
    assertThat(manifest.pipeline()).isEqualTo(DEFAULT);
    assertThat(describe("k")).isEqualTo(manifest);
    assertThat(get("k")).isEqualTo(text);
    assertThat(text(read("k", Optional.of(ByteRange.of(300_000, 300_099)), ReadCondition.none())))
        .isEqualTo(text.substring(300_000, 300_100));
    assertThat(put("empty", "").size()).isZero();
    assertThat(get("empty")).isEmpty();
  }

  @Test
  void countsWhatWasWrittenAgainstTheQuota() {
    createBucket(BUCKET, quota(1000));
    put("k", text(900));

    failure(StandardErrorCode.QUOTA_EXCEEDED, () -> put("other", text(200)));

    put("k", text(1000));
    assertThat(exists("other")).isFalse();
  }

  @Test
  void storesNothingOfContentThatIsNotWhatWasAnnounced() {
    bucket();
    WriteBlob wrong =
        new WriteBlob(
            new BucketName(BUCKET),
            "k",
            "text/plain",
            Map.of(),
            List.of(new ContentDigest("sha-256", hash("SHA-256", "something else"))),
            WriteCondition.none(),
            Optional.empty());
    byte[] bytes = text(400_000).getBytes(StandardCharsets.UTF_8);

    failure(StandardErrorCode.DIGEST_MISMATCH, () -> write(wrong, content(text(400_000))));
    for (long announced : new long[] {399_999, 400_001}) {
      failure(
          StandardErrorCode.CONTENT_LENGTH_MISMATCH,
          () ->
              write(
                  writeOf("k"),
                  content(new ByteArrayInputStream(bytes), OptionalLong.of(announced))));
    }
    failure(
        StandardErrorCode.CONTENT_INTERRUPTED,
        () ->
            write(
                writeOf("k"),
                content(
                    new SequenceInputStream(new ByteArrayInputStream(bytes), new BrokenStream()),
                    OptionalLong.empty())));
    assertThat(exists("k")).isFalse();
  }

  /** A sender that goes away. */
  private static final class BrokenStream extends InputStream {
    @Override
    public int read() throws IOException {
      throw new IOException("gone");
    }
  }

  @Test
  void changesThePipelineForWhatIsWrittenFromNowOn() {
    bucket();
    String text = text(300_000);
    put("old", text);

    assertThat(change("gzip-9").settings().pipeline()).contains(List.of("gzip-9"));
    assertThat(put("new", text).pipeline()).containsExactly("gzip-9");
    assertThat(change().settings().pipeline()).contains(List.of());
    assertThat(put("plain", text).encoding()).isEmpty();

    assertThat(describe("old").pipeline()).isEqualTo(DEFAULT);
    for (String key : List.of("old", "new", "plain")) {
      assertThat(get(key)).isEqualTo(text);
    }
    assertThat(createBucket(BUCKET, BucketSettings.none()).created()).isFalse();
  }

  @Test
  void refusesAPipelineThatIsUnknownAndKeepsTheOneThatIs() {
    bucket();

    assertThat(failure(StandardErrorCode.SETTING_UNSUPPORTED, () -> change("rot13")).detail())
        .contains("pipeline", "rot13", "known are");
    failure(StandardErrorCode.INVALID_ARGUMENT, () -> change("aes-gcm", "zstd"));
    failure(StandardErrorCode.INVALID_ARGUMENT, () -> change("No Name"));
    assertThat(
            failure(
                    StandardErrorCode.SETTING_UNSUPPORTED,
                    () -> createBucket("other", asking("zstd-99")))
                .detail())
        .contains("pipeline", "zstd-99");

    assertThat(put("k", "x").pipeline()).isEqualTo(DEFAULT);
    assertThat(store.buckets()).hasSize(1);
  }

  @Test
  void missesABucketWhosePipelineShallChange() {
    failure(StandardErrorCode.NO_SUCH_BUCKET, () -> change("zstd"));
  }

  @Test
  void keepsABlobWhoseTransformerIsGone() {
    bucket();
    BlobManifest manifest = put("k", text(1000));
    put("other", text(1000));
    List<ContentTransformer> all = List.copyOf(transformers);
    transformers.removeIf(transformer -> transformer.id().equals("aes-gcm"));

    assertThat(failure(StandardErrorCode.TRANSFORMER_MISSING, () -> get("k")).detail())
        .contains("aes-gcm");
    failure(StandardErrorCode.TRANSFORMER_MISSING, () -> put("new", text(10)));
    assertThat(describe("k")).isEqualTo(manifest);
    assertThat(delete("other", WriteCondition.none()).manifest().size()).isEqualTo(1000);

    transformers.clear();
    transformers.addAll(all);
    assertThat(get("k")).isEqualTo(text(1000));
  }

  @Test
  void answersWithAnErrorAndNoContentWhereTheFirstFrameIsDamaged() {
    bucket();
    put("k", text(5000));
    store.contentFilter =
        stream ->
            new FilterInputStream(stream) {
              @Override
              public int read(byte[] target, int offset, int length) throws IOException {
                int count = super.read(target, offset, length);
                if (length > 8) {
                  target[offset + 7] ^= 1;
                }
                return count;
              }
            };

    assertThat(failure(StandardErrorCode.BLOB_CORRUPT, () -> get("k")).detail())
        .contains("frame 0");
  }
}
