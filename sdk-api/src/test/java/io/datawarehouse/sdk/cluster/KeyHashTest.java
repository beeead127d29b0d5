package io.datawarehouse.sdk.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyHashTest {

  @Test
  void valuesNeverChange() {
    assertThat(KeyHash.of("")).isEqualTo(fold(0xcbf29ce484222325L));
    // FNV-1a of "a" as its authors publish it.
    assertThat(KeyHash.of("a")).isEqualTo(fold(0xaf63dc4c8601ec8cL));
    // FNV-1a of "foobar".
    assertThat(KeyHash.of("foobar")).isEqualTo(fold(0x85944171f73967e8L));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"bucket/key", "é", "naïve/Ωmega", "日本語", "a\uD83D\uDE00b", "\u07ff\u0800\uffff"})
  void readsTheSameBytesAsUtf8Has(String key) {
    long expected = 0xcbf29ce484222325L;
    for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
      expected = (expected ^ (b & 0xff)) * 0x100000001b3L;
    }
    assertThat(KeyHash.of(key)).isEqualTo(fold(expected));
  }

  @Test
  void halfAPairCountsAsAQuestionMark() {
    assertThat(KeyHash.of("a\uD83Db")).isEqualTo(KeyHash.of("a?b"));
    assertThat(KeyHash.of("a\uDE00")).isEqualTo(KeyHash.of("a?"));
  }

  @Test
  void segmentsAreSpreadEvenly() {
    int[] counts = new int[60];
    for (int i = 0; i < 60_000; i++) {
      counts[KeyHash.segment(KeyHash.of("bucket/key-" + i), counts.length)]++;
    }
    for (int count : counts) {
      assertThat(count).isBetween(800, 1200);
    }
  }

  @Test
  void mixingKeepsHashesApart() {
    Set<Long> mixed = new HashSet<>();
    for (long i = 0; i < 10_000; i++) {
      mixed.add(KeyHash.mix(i));
    }
    assertThat(mixed).hasSize(10_000);
    assertThat(Long.bitCount(KeyHash.mix(1) ^ KeyHash.mix(2))).isBetween(16, 48);
  }

  private static long fold(long hash) {
    long folded = hash ^ hash >>> 32;
    folded ^= folded >>> 16;
    return folded ^ folded >>> 8;
  }
}
