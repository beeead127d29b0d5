package io.datawarehouse.kernel.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.ContentEncoding;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.sdk.transform.ContentTransformer;
import io.datawarehouse.testkit.storage.StoredBlobs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentPipelinesTest extends PipelineFixture {

  private static final List<Integer> SIZES =
      List.of(0, 1, 100, 4096, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 9 * FRAME + 17);

  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE, Long.MAX_VALUE - 1, 9_223_372_034_707_292_159L})
  void neverExpectFewerBytesThanWereAnnounced(long announced) {
    assertThat(
            pipelines.expectedBytes(List.of("aes-gcm"), OptionalLong.of(announced)).orElseThrow())
        .isGreaterThanOrEqualTo(announced);
    assertThat(pipelines.expectedBytes(List.of(), OptionalLong.of(announced))).hasValue(announced);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "zstd",
        "zstd-1",
        "zstd-19",
        "lz4",
        "gzip",
        "gzip-9",
        "aes-gcm",
        "chacha20-poly1305",
        "zstd,aes-gcm",
        "lz4,chacha20-poly1305",
        "lz4,zstd,gzip,aes-gcm"
      })
  void giveBackContentOfEverySizeFromEitherStore(String pipeline) throws Exception {
    String[] stages = pipeline.split(",");
    roundTrips(stages);
    useRocksDb();
    roundTrips(stages);
  }

  private void roundTrips(String... stages) {
    for (int size : SIZES) {
      for (byte[] content : List.of(text(size), noise(size))) {
        BlobKey key = key("size-" + size);
        BlobManifest stored = put(key, content, stages);
        assertThat(stored.size()).isEqualTo(size);
        assertThat(stored.pipeline()).containsExactly(stages);
        assertThat(Arrays.equals(get(key), content)).as("%d bytes", size).isTrue();
        verify(key);
      }
    }
  }

  @Test
  void giveEveryRangeAtTheBordersOfFrames() throws Exception {
    byte[] content = text(70 * FRAME + 17);
    useRocksDb();
    put(key("k"), content, "zstd", "aes-gcm");
    for (int offset :
        new int[] {
          0, 1, FRAME - 1, FRAME, 3 * FRAME + 5, 69 * FRAME, 70 * FRAME, 70 * FRAME + 16
        }) {
      for (int length : new int[] {1, 4096, FRAME, FRAME + 2, 66 * FRAME}) {
        int end = Math.min(content.length, offset + length);
        assertThat(
                Arrays.equals(
                    get(key("k"), offset, end - offset), 0, end - offset, content, offset, end))
            .as("%d to %d", offset, end)
            .isTrue();
      }
      assertThat(get(key("k"), offset, 0)).isEmpty();
    }
    assertThatThrownBy(() -> get(key("k"), content.length, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void readAtMostTwoFramesForASmallRangeAndNotTheWholeIndex() {
    byte[] content = noise(200 * FRAME);
    put(key("k"), content, "zstd", "aes-gcm");
    CountingReader reader = new CountingReader(store.openReader(key("k")).orElseThrow());
    try (reader;
        InputStream stream = pipelines.open(reader, 150L * FRAME - 2048, 4096)) {
      assertThat(stream.readAllBytes())
          .isEqualTo(Arrays.copyOfRange(content, 150 * FRAME - 2048, 150 * FRAME + 2048));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    assertThat(reader.opened).containsExactly(3L * 8, 2L * (FRAME + 1 + 16 + 4));
  }

  @Test
  void readAtMostTwoFramesOfAGigabyte() throws Exception {
    useRocksDb();
    int frames = 8192;
    byte[] words = text(FRAME);
    BlobKey gigabyte = key("gigabyte");
    putFrames(gigabyte, frames, words);
    long[] places = placesOf(gigabyte, frames);
    for (int i = 0; i < 200; i++) {
      long offset = i == 0 ? 0 : (long) (random.nextDouble() * ((long) frames * FRAME - 4096));
      if (i % 3 == 1) {
        // Over the border of two frames.
        offset = offset / FRAME * FRAME + FRAME - 2048;
      }
      CountingReader reader = new CountingReader(store.openReader(gigabyte).orElseThrow());
      try (reader;
          InputStream stream = pipelines.open(reader, offset, 4096)) {
        assertThat(stream.readAllBytes()).isEqualTo(expected(words, offset, 4096));
      }
      long wanted = (offset + 4095) / FRAME - offset / FRAME + 1;
      assertThat(reader.framesOf(places)).as("from " + offset).isEqualTo(wanted);
      assertThat(wanted).isLessThanOrEqualTo(2);
    }
  }

  /** Every frame of it holds the words, but for its number, which stands in front. */
  private void putFrames(BlobKey key, int frames, byte[] words) {
    List<String> stages = List.of("zstd-1", "aes-gcm");
    try (BlobWriter writer = store.openWriter(key, OptionalLong.empty());
        ContentEncoder encoder = pipelines.encoder(key, stages, writer, (bytes, length) -> {})) {
      for (int i = 0; i < frames; i++) {
        byte[] buffer = encoder.buffer();
        System.arraycopy(words, 0, buffer, 0, FRAME);
        ByteBuffer.wrap(buffer).putInt(0, i);
        encoder.filled(FRAME);
      }
      ContentEncoding encoding = encoder.finish();
      BlobManifest one = StoredBlobs.manifest(key, words, Map.of());
      writer.commit(
          present ->
              new BlobManifest(
                      one.bucket(),
                      one.key(),
                      (long) frames * FRAME,
                      one.storedSize(),
                      one.contentType(),
                      one.etag(),
                      one.context(),
                      one.createdAt(),
                      one.lastModified(),
                      one.tags(),
                      one.owners(),
                      one.segment(),
                      one.pipeline(),
                      one.deleted(),
                      Optional.empty())
                  .withEncoding(stages, encoding));
    }
  }

  private static byte[] expected(byte[] words, long offset, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      long at = offset + i;
      int within = (int) (at % FRAME);
      bytes[i] =
          within < Integer.BYTES
              ? (byte) ((at / FRAME) >> (8 * (Integer.BYTES - 1 - within)))
              : words[within];
    }
    return bytes;
  }

  /** Returns where each frame begins, and where the last one ends. */
  private long[] placesOf(BlobKey key, int frames) throws IOException {
    long end = manifest(key).encoding().orElseThrow().length() - frames * 8L;
    long[] places = new long[frames + 1];
    try (BlobReader reader = store.openReader(key).orElseThrow();
        InputStream index = reader.open(end, frames * 8L)) {
      ByteBuffer entries = ByteBuffer.wrap(index.readAllBytes());
      for (int i = 0; i < frames; i++) {
        places[i] = entries.getLong();
      }
    }
    places[frames] = end;
    return places;
  }

  /** Remembers how much of the store was asked for. */
  private static final class CountingReader implements BlobReader {

    private final BlobReader reader;
    private final List<Long> opened = new ArrayList<>();
    private final List<Long> offsets = new ArrayList<>();

    /** Returns how many frames were touched, each as often as it was. */
    long framesOf(long[] places) {
      long touched = 0;
      for (int i = 0; i < opened.size(); i++) {
        long from = offsets.get(i);
        long to = from + opened.get(i);
        for (int frame = 0; frame < places.length - 1; frame++) {
          touched += from < places[frame + 1] && to > places[frame] ? 1 : 0;
        }
      }
      return touched;
    }

    CountingReader(BlobReader reader) {
      this.reader = reader;
    }

    @Override
    public BlobManifest manifest() {
      return reader.manifest();
    }

    @Override
    public InputStream open(long offset, long length) {
      opened.add(length);
      offsets.add(offset);
      return reader.open(offset, length);
    }

    @Override
    public void close() {
      reader.close();
    }
  }

  @Test
  void giveTheSameBytesInWhateverWayTheStreamIsRead() throws IOException {
    byte[] content = text(3 * FRAME + 100);
    put(key("k"), content, "lz4", "aes-gcm");
    try (BlobReader reader = store.openReader(key("k")).orElseThrow()) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (InputStream stream = pipelines.open(reader, 5, content.length - 5)) {
        assertThat(stream.read()).isEqualTo(content[5]);
        assertThat(stream.available()).isEqualTo(FRAME - 6);
        stream.skipNBytes(FRAME);
        assertThat(stream.transferTo(out)).isEqualTo(content.length - FRAME - 6);
        assertThat(stream.read()).isEqualTo(-1);
        assertThat(stream.read(new byte[4])).isEqualTo(-1);
      }
      assertThat(out.toByteArray())
          .isEqualTo(Arrays.copyOfRange(content, FRAME + 6, content.length));
    }
  }

  @Test
  void canBeLeftAtAnyPointAndTwice() throws IOException {
    put(key("k"), text(20 * FRAME), "zstd", "aes-gcm");
    for (int i = 0; i < 60; i++) {
      try (BlobReader reader = store.openReader(key("k")).orElseThrow()) {
        InputStream stream = pipelines.open(reader, 0, 20L * FRAME);
        stream.skipNBytes((long) i % 20 * FRAME);
        stream.close();
        stream.close();
        assertThatThrownBy(stream::read).isInstanceOf(IOException.class);
      }
    }
    assertThat(get(key("k")).length).isEqualTo(20 * FRAME);
  }

  @Test
  void storeLessOfWhatShrinksAndNoMoreOfWhatDoesNot() {
    byte[] noise = noise(10 * FRAME);
    byte[] mixed = text(10 * FRAME);
    System.arraycopy(noise, 0, mixed, 3 * FRAME, FRAME);

    assertThat(put(key("text"), text(10 * FRAME), "zstd").storedSize()).isLessThan(5L * FRAME);
    assertThat(put(key("noise"), noise, "zstd", "lz4", "gzip").storedSize())
        .isEqualTo(noise.length + 10 * (4 + 1 + 8));
    put(key("mixed"), mixed, "zstd");
    assertThat(Arrays.mismatch(get(key("mixed")), mixed)).isEqualTo(-1);
  }

  @Test
  void doAllOnOneThreadWhereTheExecutorRefuses() {
    ContentPipelines alone =
        new ContentPipelines(
            new ContentPipelines.Options(
                () -> transformers,
                keys,
                task -> {
                  throw new RejectedExecutionException("no room");
                },
                new SecureRandom(),
                List.of()));
    byte[] content = text(30 * FRAME + 5);

    put(alone, key("k"), content, "zstd", "aes-gcm");
    pipelines = alone;

    assertThat(Arrays.equals(get(key("k")), content)).isTrue();
  }

  @Test
  void digestEverythingInOrderWhileFramesAreEncoded() {
    byte[] content = text(25 * FRAME + 3);
    ByteArrayOutputStream seen = new ByteArrayOutputStream();
    try (BlobWriter writer = store.openWriter(key("k"), OptionalLong.empty());
        ContentEncoder encoder =
            pipelines.encoder(
                key("k"),
                List.of("zstd"),
                writer,
                (bytes, length) -> seen.write(bytes, 0, length))) {
      for (int at = 0; at < content.length; at += FRAME) {
        int count = Math.min(FRAME, content.length - at);
        System.arraycopy(content, at, encoder.buffer(), 0, count);
        encoder.filled(count);
      }
      encoder.finish();
    }
    assertThat(Arrays.equals(seen.toByteArray(), content)).isTrue();
  }

  @Test
  void wipeTheKeyAndGiveBackEverythingWhereTheStoreFails() {
    byte[] content = text(10 * FRAME);
    RuntimeException full = new IllegalStateException("full");
    try (ContentEncoder encoder =
        pipelines.encoder(
            key("k"), List.of("zstd", "aes-gcm"), new FullWriter(full), (bytes, length) -> {})) {
      assertThatThrownBy(
              () -> {
                for (int at = 0; at < content.length; at += FRAME) {
                  System.arraycopy(content, at, encoder.buffer(), 0, FRAME);
                  encoder.filled(FRAME);
                }
                encoder.finish();
              })
          .isSameAs(full);
    }
    assertThat(store.findManifest(key("k"))).isEmpty();
  }

  /** A store that takes nothing. */
  private record FullWriter(RuntimeException full) implements BlobWriter {

    @Override
    public void write(byte[] source, int offset, int length) {
      throw full;
    }

    @Override
    public BlobManifest commit(Function<Optional<BlobManifest>, BlobManifest> decide) {
      throw full;
    }

    @Override
    public void close() {
      // Nothing was kept.
    }
  }

  @Test
  void refuseWhatIsUnknownOrOutOfOrderNamingIt() {
    assertThat(
            failure(
                    StandardErrorCode.SETTING_UNSUPPORTED,
                    () -> pipelines.choose(Optional.of(List.of("zstd", "rot13"))))
                .detail())
        .contains("pipeline", "rot13", "aes-gcm, chacha20-poly1305, gzip, lz4, zstd");
    for (String level : List.of("zstd-0", "zstd-20", "zstd-", "lz4-1", "aes-gcm-1")) {
      failure(
          StandardErrorCode.SETTING_UNSUPPORTED,
          () -> pipelines.choose(Optional.of(List.of(level))));
    }
    for (List<String> order :
        List.of(List.of("aes-gcm", "zstd"), List.of("aes-gcm", "chacha20-poly1305"))) {
      assertThat(
              failure(
                      StandardErrorCode.INVALID_ARGUMENT,
                      () -> pipelines.choose(Optional.of(order)))
                  .detail())
          .contains("pipeline", String.join(",", order));
    }
    assertThat(pipelines.choose(Optional.of(List.of()))).isEmpty();
    assertThat(pipelines.choose(Optional.of(List.of("lz4", "zstd-19", "aes-gcm"))))
        .containsExactly("lz4", "zstd-19", "aes-gcm");
  }

  @Test
  void keepContentWhoseTransformerIsGoneUntilItIsBack() {
    byte[] content = text(2 * FRAME);
    put(key("k"), content, "zstd-7", "aes-gcm");
    List<ContentTransformer> all = List.copyOf(transformers);
    transformers.removeIf(transformer -> transformer.id().equals("zstd"));

    assertThat(failure(StandardErrorCode.TRANSFORMER_MISSING, () -> get(key("k"))).detail())
        .contains("zstd-7", "safe");
    failure(StandardErrorCode.TRANSFORMER_MISSING, () -> verify(key("k")));
    failure(StandardErrorCode.TRANSFORMER_MISSING, () -> put(key("new"), content, "zstd"));
    assertThat(store.findManifest(key("new"))).isEmpty();

    transformers.clear();
    transformers.addAll(all);
    assertThat(get(key("k"))).isEqualTo(content);
  }

  @Test
  void tellBeforehandHowMuchIsVerified() {
    byte[] content = noise(5 * FRAME);
    put(key("encoded"), content, "aes-gcm");
    StoredBlobs.put(store, key("plain"), content);
    for (String name : List.of("encoded", "plain")) {
      List<Integer> paced = new ArrayList<>();
      try (BlobReader reader = store.openReader(key(name)).orElseThrow()) {
        pipelines.verify(reader, paced::add);
      }
      assertThat(paced.stream().mapToInt(Integer::intValue).sum())
          .isBetween(content.length, content.length + content.length / 8);
      assertThat(paced).hasSizeGreaterThanOrEqualTo(5);
    }
  }

  @Test
  void recordWhatItTakesToReadAgain() {
    BlobManifest encrypted = put(key("a"), text(100), "zstd", "aes-gcm");
    BlobManifest compressed = put(key("b"), text(100), "zstd");

    ContentEncoding encoding = encrypted.encoding().orElseThrow();
    assertThat(encoding.key()).isPresent();
    assertThat(encoding.length()).isEqualTo(stored(key("a")).length);
    assertThat(compressed.encoding().orElseThrow().key()).isEmpty();
    assertThat(compressed.encoding().orElseThrow().contentId()).isNotEqualTo(encoding.contentId());
  }
}
