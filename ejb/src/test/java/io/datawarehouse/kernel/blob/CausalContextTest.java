package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CausalContextTest {

  private static CausalContext random(Random random) {
    CausalContext context = CausalContext.NONE;
    for (int i = random.nextInt(12); i > 0; i--) {
      context = context.advance(new NodeId("node-" + random.nextInt(5)));
    }
    return context;
  }

  @Test
  void isReadBackAsItWasWritten() {
    Random random = new Random(1);
    for (int i = 0; i < 500; i++) {
      String text = random(random).text();

      assertThat(CausalContext.parse(text).text()).isEqualTo(text);
      assertThat(text).matches("[A-Za-z0-9_-]+");
    }
  }

  @Test
  void mergingIsCommutativeAssociativeAndIdempotent() {
    long seed = 5;
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      CausalContext a = random(random);
      CausalContext b = random(random);
      CausalContext c = random(random);

      assertThat(a.merge(b).text()).as("seed %d", seed).isEqualTo(b.merge(a).text());
      assertThat(a.merge(b).merge(c).text())
          .as("seed %d", seed)
          .isEqualTo(a.merge(b.merge(c)).text());
      assertThat(a.merge(a).text()).as("seed %d", seed).isEqualTo(a.text());
    }
  }

  @Test
  void advancingIsNewToEveryone() {
    Random random = new Random(6);
    NodeId node = new NodeId("node-1");
    for (int i = 0; i < 200; i++) {
      CausalContext before = random(random);
      CausalContext after = before.advance(node);

      assertThat(after.text()).isNotEqualTo(before.text());
      assertThat(after.merge(before).text()).isEqualTo(after.text());
    }
  }

  @Test
  void refusesEverythingElse() {
    byte[] good = Base64.getUrlDecoder().decode(CausalContext.NONE.advance(new NodeId("n")).text());
    List<String> malformed =
        new ArrayList<>(List.of("", " ", "a", "AQA=", "+/+/", "AgA", "\u00e9"));
    for (int length = 0; length < good.length; length++) {
      malformed.add(encode(Arrays.copyOf(good, length)));
    }
    malformed.add(encode(Arrays.copyOf(good, good.length + 1)));
    malformed.add("A".repeat(100_000));
    malformed.add(encode(withCount(good, 0)));
    malformed.add(encode(withCount(good, -1)));
    malformed.add(encode(withCount(good, Long.MAX_VALUE)));

    for (String text : malformed) {
      WarehouseException refused =
          catchThrowableOfType(WarehouseException.class, () -> CausalContext.parse(text));
      assertThat(refused).as(text).isNotNull();
      assertThat(refused.code()).isEqualTo(StandardErrorCode.INVALID_CONTEXT);
    }
  }

  @Test
  void randomBytesAreReadOrRefused() {
    Random random = new Random(8);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      if (bytes.length > 1) {
        bytes[0] = 1;
        bytes[1] = (byte) random.nextInt(3);
      }
      String text = encode(bytes);
      try {
        assertThat(CausalContext.parse(text).text()).isEqualTo(text);
      } catch (WarehouseException e) {
        assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_CONTEXT);
      }
    }
  }

  private static byte[] withCount(byte[] context, long count) {
    return ByteBuffer.allocate(context.length)
        .put(context, 0, context.length - Long.BYTES)
        .putLong(count)
        .array();
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
