package io.datawarehouse.testkit.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.transform.ContentTransformer;
import io.datawarehouse.sdk.transform.ContentTransformer.Kind;
import io.datawarehouse.sdk.transform.FrameDecoder;
import io.datawarehouse.sdk.transform.FrameEncoder;
import io.datawarehouse.sdk.transform.FramePlace;
import io.datawarehouse.sdk.transform.StageOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/**
 * What every {@link ContentTransformer} must do. The author of one extends this class and says what
 * is tested; run it once for each. What random tests draw comes from a seed that failures name.
 */
public abstract class ContentTransformerContract {

  /** How long frames are in these tests. */
  protected static final int FRAME_BYTES = 64 * 1024;

  private static final int[] SIZES = {0, 1, 2, 15, 16, 17, 255, 4096, 40_000, FRAME_BYTES};

  private final long seed = Long.getLong("dw.test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final byte[] key = randomBytes(32);
  private final byte[] associated = randomBytes(45);

  /** Returns the transformer, ready for use. */
  protected abstract ContentTransformer transformer();

  private byte[] randomBytes(int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] text(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) ("the quick brown fox ".charAt(i % 20) + (random.nextInt(16) == 0 ? 1 : 0));
    }
    return bytes;
  }

  private StageOptions options(Optional<String> variant, byte[] stageKey) {
    StageOptions options = StageOptions.of(variant, FRAME_BYTES);
    return transformer().kind() == Kind.ENCRYPTION ? options.withKey(stageKey) : options;
  }

  private StageOptions options() {
    return options(Optional.empty(), key);
  }

  private FramePlace place(long number, boolean last) {
    return new FramePlace(number, last, associated);
  }

  private byte[] encode(FrameEncoder encoder, FramePlace place, byte[] content) {
    int before = random.nextInt(9);
    ByteBuffer source = ByteBuffer.allocate(before + content.length + 5);
    source.position(before).mark().put(content).limit(source.position()).reset();
    int most = transformer().mostEncodedBytes(content.length);
    ByteBuffer target = ByteBuffer.wrap(filled(before + most + 3)).position(before);
    target.limit(before + most);
    encoder.encode(place, source, target);
    assertThat(source.remaining()).as("seed %d, what is left of the source", seed).isZero();
    assertUntouched(target, before);
    return Arrays.copyOfRange(target.array(), before, target.position());
  }

  private byte[] decode(FrameDecoder decoder, FramePlace place, byte[] encoded, int room) {
    int before = random.nextInt(9);
    ByteBuffer source = ByteBuffer.allocate(before + encoded.length + 5);
    source.position(before).mark().put(encoded).limit(source.position()).reset();
    ByteBuffer target = ByteBuffer.wrap(filled(before + room + 3)).position(before);
    target.limit(before + room);
    decoder.decode(place, source, target);
    assertUntouched(target, before);
    return Arrays.copyOfRange(target.array(), before, target.position());
  }

  private static byte[] filled(int size) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) 0x5A);
    return bytes;
  }

  private static void assertUntouched(ByteBuffer target, int before) {
    byte[] array = target.array();
    for (int i = 0; i < array.length; i++) {
      if (i < before || i >= target.limit()) {
        assertThat(array[i]).as("the byte at %d, outside of the target", i).isEqualTo((byte) 0x5A);
      }
    }
  }

  private void assertCorrupt(FramePlace place, StageOptions options, byte[] encoded, int room) {
    try (FrameDecoder decoder = transformer().newDecoder(options)) {
      WarehouseException thrown =
          Assertions.catchThrowableOfType(
              WarehouseException.class, () -> decode(decoder, place, encoded, room));
      assertThat(thrown).as("seed %d: what decoding throws", seed).isNotNull();
      assertThat(thrown.code()).isEqualTo(StandardErrorCode.BLOB_CORRUPT);
    }
  }

  @Test
  void namesItselfAndItsVariantsAsPipelinesCan() {
    assertThat(transformer().id()).matches("[a-z0-9][a-z0-9-]{0,29}");
    assertThat(transformer().variants()).allMatch(name -> name.matches("[a-z0-9][a-z0-9-]{0,18}"));
    assertThat(transformer().kind()).isNotNull();
    for (int size : SIZES) {
      assertThat(transformer().mostEncodedBytes(size)).isGreaterThanOrEqualTo(size);
    }
  }

  @Test
  void givesBackFramesOfEverySizeInAnyOrder() {
    List<byte[]> contents = new ArrayList<>();
    List<byte[]> encoded = new ArrayList<>();
    try (FrameEncoder encoder = transformer().newEncoder(options())) {
      for (int size : SIZES) {
        for (byte[] content : List.of(text(size), randomBytes(size), new byte[size])) {
          encoded.add(encode(encoder, place(contents.size(), false), content));
          contents.add(content);
        }
      }
    }
    try (FrameDecoder decoder = transformer().newDecoder(options())) {
      for (int i = contents.size() - 1; i >= 0; i--) {
        byte[] content = contents.get(i);
        assertThat(decode(decoder, place(i, false), encoded.get(i), content.length))
            .as("seed %d, frame %d", seed, i)
            .isEqualTo(content);
      }
    }
  }

  @Test
  void decodesWhatWasEncodedInEveryVariantWithoutKnowingIt() {
    byte[] content = text(FRAME_BYTES);
    for (String variant : transformer().variants()) {
      byte[] encoded;
      try (FrameEncoder encoder = transformer().newEncoder(options(Optional.of(variant), key))) {
        encoded = encode(encoder, place(7, true), content);
      }
      try (FrameDecoder decoder = transformer().newDecoder(options())) {
        assertThat(decode(decoder, place(7, true), encoded, content.length))
            .as("seed %d, variant %s", seed, variant)
            .isEqualTo(content);
      }
    }
  }

  @Test
  void canBeUsedByManyAtOnce() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> running = new ArrayList<>();
      byte[] content = text(FRAME_BYTES);
      for (int task = 0; task < 8; task++) {
        long number = task * 1000L;
        running.add(pool.submit(() -> roundTrips(number, content)));
      }
      for (Future<?> future : running) {
        future.get(1, TimeUnit.MINUTES);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private void roundTrips(long first, byte[] content) {
    for (int i = 0; i < 20; i++) {
      try (FrameEncoder encoder = transformer().newEncoder(options());
          FrameDecoder decoder = transformer().newDecoder(options())) {
        FramePlace place = place(first + i, false);
        ByteBuffer encoded = ByteBuffer.allocate(transformer().mostEncodedBytes(content.length));
        encoder.encode(place, ByteBuffer.wrap(content), encoded);
        ByteBuffer decoded = ByteBuffer.allocate(content.length);
        decoder.decode(place, encoded.flip(), decoded);
        assertThat(Arrays.equals(decoded.array(), content)).isTrue();
      }
    }
  }

  @Test
  void canBeClosedTwice() {
    FrameEncoder encoder = transformer().newEncoder(options());
    FrameDecoder decoder = transformer().newDecoder(options());
    encode(encoder, place(0, true), text(100));
    assertThatCode(
            () -> {
              encoder.close();
              encoder.close();
              decoder.close();
              decoder.close();
            })
        .doesNotThrowAnyException();
    givesBackFramesOfEverySizeInAnyOrder();
  }

  @Test
  void refusesFramesThatAreCutOrLongerThanTheirPlace() {
    byte[] content = text(3000);
    byte[] encoded;
    try (FrameEncoder encoder = transformer().newEncoder(options())) {
      encoded = encode(encoder, place(0, true), content);
    }
    for (int length : new int[] {0, 1, encoded.length / 2, encoded.length - 1}) {
      assertCorrupt(place(0, true), options(), Arrays.copyOf(encoded, length), content.length);
    }
    assertCorrupt(place(0, true), options(), encoded, content.length - 1);
    assertCorrupt(place(0, true), options(), encoded, 0);
  }

  @Test
  void neverGivesOtherBytesForChangedOnes() {
    byte[] content = text(2000);
    byte[] encoded;
    try (FrameEncoder encoder = transformer().newEncoder(options())) {
      encoded = encode(encoder, place(3, false), content);
    }
    for (int i = 0; i < 500; i++) {
      byte[] changed = encoded.clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      try (FrameDecoder decoder = transformer().newDecoder(options())) {
        // A compression may have bits that mean nothing; an encryption has none.
        byte[] decoded = decode(decoder, place(3, false), changed, content.length);
        assertThat(transformer().kind()).as("seed %d", seed).isEqualTo(Kind.COMPRESSION);
        assertThat(decoded).as("seed %d", seed).isEqualTo(content);
      } catch (WarehouseException e) {
        assertThat(e.code()).isEqualTo(StandardErrorCode.BLOB_CORRUPT);
      }
    }
  }

  @Test
  void doesWhatItsKindPromises() {
    switch (transformer().kind()) {
      case COMPRESSION -> requireThatItCompresses();
      case ENCRYPTION -> {
        requireThatFramesAreBoundToTheirPlace();
        requireThatContentAndRepetitionAreHidden();
      }
    }
  }

  private void requireThatItCompresses() {
    try (FrameEncoder encoder = transformer().newEncoder(options())) {
      assertThat(encode(encoder, place(0, true), text(FRAME_BYTES)).length)
          .isLessThan(FRAME_BYTES / 2);
    }
  }

  private void requireThatFramesAreBoundToTheirPlace() {
    byte[] content = text(1000);
    byte[] encoded;
    try (FrameEncoder encoder = transformer().newEncoder(options())) {
      encoded = encode(encoder, place(5, false), content);
    }
    byte[] otherData = associated.clone();
    otherData[otherData.length - 1] ^= 1;

    assertCorrupt(place(6, false), options(), encoded, content.length);
    assertCorrupt(place(5, true), options(), encoded, content.length);
    assertCorrupt(new FramePlace(5, false, otherData), options(), encoded, content.length);
    assertCorrupt(
        place(5, false), options(Optional.empty(), randomBytes(32)), encoded, content.length);
  }

  private void requireThatContentAndRepetitionAreHidden() {
    byte[] content = text(64);
    try (FrameEncoder encoder = transformer().newEncoder(options())) {
      byte[] first = encode(encoder, place(0, false), content);
      byte[] second = encode(encoder, place(1, false), content);
      byte[] last = encode(encoder, place(1, true), content);
      List<byte[]> all = List.of(content, first, second, last);
      for (byte[] one : all) {
        for (byte[] other : all) {
          if (one != other) {
            assertThat(Arrays.copyOf(one, 16)).isNotEqualTo(Arrays.copyOf(other, 16));
          }
        }
      }
    }
  }
}
