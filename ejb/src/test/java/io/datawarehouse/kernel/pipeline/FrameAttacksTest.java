package io.datawarehouse.kernel.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.ContentEncoding;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Whoever can write to the disk, manifests included, gets no bytes accepted that were not stored
 * there. The keys of these tests open everywhere, so only the frames defend themselves.
 */
class FrameAttacksTest extends PipelineFixture {

  private static final int FRAMES = 5;
  private static final int STORED_FRAME = 4 + FRAME + 1 + 16;

  private final byte[] content = noise(FRAMES * FRAME);

  private BlobKey victim() {
    put(key("victim"), content, "zstd", "aes-gcm");
    return key("victim");
  }

  private void assertRefused(BlobKey key) {
    assertThat(failure(StandardErrorCode.BLOB_CORRUPT, () -> get(key)).detail())
        .contains(key.key());
    failure(StandardErrorCode.BLOB_CORRUPT, () -> verify(key));
  }

  private static byte[] join(byte[]... parts) {
    int size = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    byte[] all = new byte[size];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  private static byte[] frame(byte[] stored, int number) {
    return Arrays.copyOfRange(stored, number * STORED_FRAME, (number + 1) * STORED_FRAME);
  }

  private static byte[] index(int frames) {
    ByteBuffer index = ByteBuffer.allocate(8 * frames);
    for (int i = 0; i < frames; i++) {
      index.putLong((long) i * STORED_FRAME);
    }
    return index.array();
  }

  private static UnaryOperator<BlobManifest> ofFrames(int frames) {
    return manifest ->
        resized(manifest, (long) frames * FRAME, (long) frames * STORED_FRAME + 8L * frames);
  }

  private static BlobManifest resized(BlobManifest m, long size, long length) {
    ContentEncoding encoding = m.encoding().orElseThrow();
    return new BlobManifest(
            m.bucket(),
            m.key(),
            size,
            m.storedSize(),
            m.contentType(),
            m.etag(),
            m.context(),
            m.createdAt(),
            m.lastModified(),
            m.tags(),
            m.owners(),
            m.segment(),
            m.pipeline(),
            false)
        .withEncoding(
            m.pipeline(),
            new ContentEncoding(
                encoding.frameBytes(), length, encoding.contentId(), encoding.key()));
  }

  @Test
  void anUntouchedBlobIsReadAndVerified() {
    BlobKey key = victim();
    byte[] stored = stored(key);
    assertThat(stored).hasSize(FRAMES * STORED_FRAME + 8 * FRAMES);
    assertThat(join(frame(stored, 0), frame(stored, 1)))
        .isEqualTo(Arrays.copyOf(stored, 2 * STORED_FRAME));

    forge(key, stored, UnaryOperator.identity());

    assertThat(get(key)).isEqualTo(content);
    verify(key);
  }

  @Test
  void anyChangedByteOfAFrameIsFound() {
    BlobKey key = victim();
    byte[] stored = stored(key);
    for (int i = 0; i < 40; i++) {
      byte[] changed = stored.clone();
      changed[random.nextInt(FRAMES * STORED_FRAME)] ^= (byte) (1 << random.nextInt(8));
      forge(key, changed, UnaryOperator.identity());
      assertRefused(key);
    }
  }

  @Test
  void droppingTheTailIsFound() {
    BlobKey key = victim();
    byte[] stored = stored(key);
    for (int kept = 1; kept < FRAMES; kept++) {
      forge(
          key,
          join(Arrays.copyOf(stored, kept * STORED_FRAME), kept == 1 ? new byte[0] : index(kept)),
          kept == 1 ? manifest -> resized(manifest, FRAME, STORED_FRAME) : ofFrames(kept));
      assertRefused(key);
      put(key, content, "zstd", "aes-gcm");
      stored = stored(key);
    }
  }

  @Test
  void droppingTheHeadIsFound() {
    BlobKey key = victim();
    byte[] stored = stored(key);

    forge(
        key,
        join(Arrays.copyOfRange(stored, STORED_FRAME, FRAMES * STORED_FRAME), index(FRAMES - 1)),
        ofFrames(FRAMES - 1));

    assertRefused(key);
  }

  @Test
  void appendingAFrameIsFound() {
    BlobKey key = victim();
    byte[] stored = stored(key);

    forge(
        key,
        join(
            Arrays.copyOf(stored, FRAMES * STORED_FRAME),
            frame(stored, FRAMES - 1),
            index(FRAMES + 1)),
        ofFrames(FRAMES + 1));

    assertRefused(key);
  }

  @Test
  void exchangingTwoFramesIsFound() {
    BlobKey key = victim();
    byte[] stored = stored(key);

    forge(
        key,
        join(
            frame(stored, 0),
            frame(stored, 2),
            frame(stored, 1),
            Arrays.copyOfRange(stored, 3 * STORED_FRAME, stored.length)),
        UnaryOperator.identity());

    assertRefused(key);
    assertThat(get(key, 0, 10)).isEqualTo(Arrays.copyOf(content, 10));
    failure(StandardErrorCode.BLOB_CORRUPT, () -> get(key, FRAME, 10));
  }

  @Test
  void aFrameOfAnotherBlobOrVersionIsFound() {
    BlobKey key = victim();
    byte[] old = stored(key);
    put(key("other"), content, "zstd", "aes-gcm");
    put(key, content, "zstd", "aes-gcm");
    byte[] stored = stored(key);
    for (byte[] source : List.of(old, stored(key("other")))) {
      forge(
          key,
          join(
              frame(stored, 0),
              frame(source, 1),
              Arrays.copyOfRange(stored, 2 * STORED_FRAME, stored.length)),
          UnaryOperator.identity());
      assertRefused(key);
    }
  }

  @Test
  void theWholeContentOfAnotherBlobWithItsKeyIsFound() {
    BlobKey key = victim();
    put(key("other"), noise(FRAMES * FRAME), "zstd", "aes-gcm");
    BlobManifest other = manifest(key("other"));

    forge(
        key,
        stored(key("other")),
        manifest -> manifest.withEncoding(other.pipeline(), other.encoding().orElseThrow()));

    assertRefused(key);
  }

  @Test
  void contentOfAnEarlierVersionIsFound() {
    BlobKey key = victim();
    byte[] old = stored(key);
    put(key, noise(FRAMES * FRAME), "zstd", "aes-gcm");

    forge(key, old, UnaryOperator.identity());

    assertRefused(key);
  }

  @Test
  void anotherSizeOrPipelineInTheManifestIsFound() {
    BlobKey key = victim();
    byte[] stored = stored(key);
    long length = manifest(key).encoding().orElseThrow().length();

    forge(key, stored, manifest -> resized(manifest, FRAMES * FRAME - 1, length));
    assertRefused(key);
    forge(
        key,
        stored,
        manifest ->
            resized(manifest, FRAMES * FRAME, length)
                .withEncoding(List.of("lz4", "aes-gcm"), manifest.encoding().orElseThrow()));
    assertRefused(key);
    forge(
        key,
        stored,
        manifest -> manifest.withEncoding(List.of("zstd"), manifest.encoding().orElseThrow()));
    assertRefused(key);
  }

  @Test
  void aWrongIndexLeadsToNoWrongBytes() {
    BlobKey key = victim();
    byte[] stored = stored(key);
    for (long wrong : new long[] {-1, 0, 5, 3L * STORED_FRAME, 1L << 60}) {
      byte[] changed = stored.clone();
      ByteBuffer.wrap(changed).putLong(FRAMES * STORED_FRAME + 8 * 2, wrong);
      forge(key, changed, UnaryOperator.identity());
      failure(StandardErrorCode.BLOB_CORRUPT, () -> get(key, 2L * FRAME + 5, 10));
      failure(StandardErrorCode.BLOB_CORRUPT, () -> verify(key));
      assertThat(get(key)).as("reading from the beginning needs no index").isEqualTo(content);
    }
  }

  @Test
  void emptyAndSmallContentIsBoundAsWell() {
    put(key("empty"), new byte[0], "zstd", "aes-gcm");
    put(key("small"), text(50), "zstd", "aes-gcm");
    put(key("other"), text(50), "zstd", "aes-gcm");
    byte[] empty = stored(key("empty"));
    empty[empty.length - 1] ^= 1;

    forge(key("empty"), empty, UnaryOperator.identity());
    assertRefused(key("empty"));
    forge(key("small"), stored(key("other")), UnaryOperator.identity());
    assertRefused(key("small"));
  }

  @Test
  void damageInACompressedBlobWithoutEncryptionIsFound() {
    byte[] text = text(3 * FRAME);
    for (String stage : List.of("zstd", "lz4", "gzip")) {
      put(key("k"), text, stage);
      byte[] stored = stored(key("k"));
      int wrongBytes = 0;
      for (int i = 0; i < 30; i++) {
        byte[] changed = stored.clone();
        changed[4 + random.nextInt(stored.length / 3 - 8)] ^= (byte) (1 << random.nextInt(8));
        forge(key("k"), changed, UnaryOperator.identity());
        try {
          wrongBytes += Arrays.equals(get(key("k")), text) ? 0 : 1;
        } catch (WarehouseException e) {
          assertThat(e.code()).isEqualTo(StandardErrorCode.BLOB_CORRUPT);
        }
      }
      assertThat(wrongBytes).as(stage).isZero();
    }
  }

  @Test
  void framesTooLargeForMemoryAreRefusedBeforeAnyBufferIsTaken() {
    BlobKey key = key("huge frames");
    put(key, text(100), "zstd", "aes-gcm");
    byte[] stored = stored(key);
    for (int claimed : new int[] {(1 << 20) + 1, 1 << 24, Integer.MAX_VALUE}) {
      forge(
          key,
          stored,
          manifest -> {
            ContentEncoding encoding = manifest.encoding().orElseThrow();
            return manifest.withEncoding(
                manifest.pipeline(),
                new ContentEncoding(
                    claimed, encoding.length(), encoding.contentId(), encoding.key()));
          });
      failure(StandardErrorCode.BLOB_CORRUPT, () -> get(key));
    }
  }

  @Test
  void aFrameThatExpandsToGigabytesIsCutOffAtTheLengthThatItHas() {
    for (String stage : new String[] {"zstd", "gzip", "lz4"}) {
      BlobKey small = key("small " + stage);
      BlobKey large = key("large " + stage);
      // What shrinks a thousandfold, behind a manifest that says it is a hundred bytes.
      put(large, new byte[FRAME], stage);
      put(small, new byte[100], stage);
      byte[] bomb = stored(large);
      forge(
          small,
          bomb,
          manifest -> {
            ContentEncoding encoding = manifest.encoding().orElseThrow();
            return manifest.withEncoding(
                manifest.pipeline(),
                new ContentEncoding(
                    encoding.frameBytes(), bomb.length, encoding.contentId(), encoding.key()));
          });
      failure(StandardErrorCode.BLOB_CORRUPT, () -> get(small));
    }
  }
}
