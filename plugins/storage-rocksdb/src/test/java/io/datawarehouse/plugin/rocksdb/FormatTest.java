package io.datawarehouse.plugin.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.ContentEncoding;
import io.datawarehouse.sdk.blob.WrappedKey;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.testkit.storage.StoredBlobs;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FormatTest {

  private static final BlobKey KEY = BlobKey.of("bucket", "a/key");

  private static BlobManifest manifest() {
    return StoredBlobs.manifest(KEY, new byte[300], Map.of("a", "1", "b", "2"));
  }

  @Test
  void givesManifestsBackWithTheirPlace() {
    for (ContentPlace place :
        List.of(
            new ContentPlace.InFile(Long.MAX_VALUE, 300, 412),
            new ContentPlace.Inline(1L << 40, 300),
            new ContentPlace.Inline(7, 0))) {
      StoredVersion version =
          new StoredVersion(manifest().withStoredSize(place.storedLength()), place);
      assertThat(ManifestFormat.decode(KEY, ManifestFormat.encode(version))).isEqualTo(version);
    }
  }

  @Test
  void readsWhatWasWrittenBeforeContentWasEncoded() {
    StoredVersion plain =
        new StoredVersion(manifest().withStoredSize(place().storedLength()), place());
    StoredVersion encoded =
        new StoredVersion(
            plain
                .manifest()
                .withEncoding(
                    List.of("zstd", "aes-gcm"),
                    new ContentEncoding(
                        65_536,
                        300,
                        Bytes.copyOf(new byte[16]),
                        Optional.of(new WrappedKey("k", Bytes.utf8("wrapped"))))),
            place());

    assertThat(ManifestFormat.encode(plain)[0]).isEqualTo((byte) 1);
    assertThat(ManifestFormat.encode(encoded)[0]).isEqualTo((byte) 2);
    assertThat(ManifestFormat.decode(KEY, ManifestFormat.encode(plain))).isEqualTo(plain);
    assertThat(ManifestFormat.decode(KEY, ManifestFormat.encode(encoded))).isEqualTo(encoded);
  }

  private static ContentPlace place() {
    return new ContentPlace.Inline(1L << 40, 300);
  }

  @Test
  void keepsTimesBefore1970AndDeletedVersions() {
    BlobManifest m = manifest();
    BlobManifest given =
        new BlobManifest(
            m.bucket(),
            m.key(),
            0,
            0,
            "",
            "",
            "",
            Instant.ofEpochSecond(-5, 7),
            Instant.MAX,
            Map.of(),
            List.of(),
            0,
            List.of("x"),
            true);
    StoredVersion version = new StoredVersion(given, new ContentPlace.Inline(3, 0));
    assertThat(ManifestFormat.decode(KEY, ManifestFormat.encode(version))).isEqualTo(version);
  }

  @Test
  void refusesManifestsThatEndTooEarlyOrTooLate() {
    byte[] whole =
        ManifestFormat.encode(new StoredVersion(manifest(), new ContentPlace.InFile(1, 300, 400)));
    for (int length = 0; length < whole.length + 3; length++) {
      if (length != whole.length) {
        byte[] cut = Arrays.copyOf(whole, length);
        assertThatThrownBy(() -> ManifestFormat.decode(KEY, cut))
            .isInstanceOfSatisfying(
                WarehouseException.class,
                e -> assertThat(e.code()).isEqualTo(StandardErrorCode.BLOB_CORRUPT));
      }
    }
  }

  @Test
  void saysThatAManifestIsOfANewerFormat() {
    byte[] bytes =
        ManifestFormat.encode(new StoredVersion(manifest(), new ContentPlace.InFile(1, 300, 400)));
    bytes[0] = 9;
    assertThatThrownBy(() -> ManifestFormat.decode(KEY, bytes))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("bucket/a/key")
        .hasMessageContaining("format 9");
  }

  @Test
  void refusesBucketsOfAnotherFormat() {
    BucketName name = new BucketName("abc");
    byte[] bytes =
        BucketFormat.encode(new BucketDefinition(name, BucketSettings.none(), Instant.EPOCH));
    assertThat(BucketFormat.decode(name, bytes).settings()).isEqualTo(BucketSettings.none());
    bytes[0] = 9;
    assertThatThrownBy(() -> BucketFormat.decode(name, bytes))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("format 9");
  }

  @Test
  void bindsInlineContentToItsId() {
    byte[] stored = InlineContent.encode(5, new byte[] {1, 2, 3, 4}, 3);
    assertThat(InlineContent.isSound(5, stored, 3)).isTrue();
    assertThat(InlineContent.isSound(6, stored, 3)).isFalse();
    assertThat(InlineContent.isSound(5, stored, 4)).isFalse();
  }
}
