package io.datawarehouse.benchmarks.pipeline;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Text that shrinks as text does: words of a vocabulary, the frequent ones far more often. */
final class Words {

  private static final int VOCABULARY = 20_000;

  private final Random random = new Random(42);
  private final byte[][] words = new byte[VOCABULARY][];

  Words() {
    for (int i = 0; i < VOCABULARY; i++) {
      StringBuilder word = new StringBuilder();
      int length = 2 + random.nextInt(9);
      for (int at = 0; at < length; at++) {
        word.append((char) ('a' + (int) (26 * random.nextDouble() * random.nextDouble())));
      }
      words[i] = word.append(i % 17 == 0 ? ".\n" : " ").toString().getBytes(StandardCharsets.UTF_8);
    }
  }

  byte[] text(int size) {
    byte[] text = new byte[size];
    int at = 0;
    while (at < size) {
      double place = random.nextDouble();
      byte[] word = words[(int) (Math.pow(VOCABULARY, place) - 1) % VOCABULARY];
      int count = Math.min(word.length, size - at);
      System.arraycopy(word, 0, text, at, count);
      at += count;
    }
    return text;
  }
}
