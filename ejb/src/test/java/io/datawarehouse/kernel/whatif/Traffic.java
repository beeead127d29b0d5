package io.datawarehouse.kernel.whatif;

import io.datawarehouse.sdk.cluster.KeyHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes requests as they come by chance: a Poisson stream, exponential work, keys by Zipf's law.
 */
final class Traffic {

  /** Work of one request on a node of speed 1, on average. */
  static final double MEAN_MILLIS = 10;

  private Traffic() {}

  /**
   * Returns requests.
   *
   * @param pauseMillis how long it is from one to the next, on average
   * @param skew how uneven keys are: the exponent of Zipf's law
   */
  static List<TracedRequest> of(
      long seed, int count, double pauseMillis, int senders, int keys, double skew) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] zipf = zipf(keys, skew);
    List<TracedRequest> requests = new ArrayList<>(count);
    double now = 0;
    for (int i = 0; i < count; i++) {
      int key = Arrays.binarySearch(zipf, random.nextDouble() * zipf[keys - 1]);
      requests.add(
          new TracedRequest(
              now,
              random.nextInt(senders),
              true,
              KeyHash.of("bucket/key-" + (key < 0 ? -key - 1 : key)),
              exponential(random, MEAN_MILLIS),
              100));
      now += exponential(random, pauseMillis);
    }
    return requests;
  }

  private static double[] zipf(int keys, double skew) {
    double[] zipf = new double[keys];
    double sum = 0;
    for (int rank = 0; rank < keys; rank++) {
      sum += 1 / Math.pow(rank + 1, skew);
      zipf[rank] = sum;
    }
    return zipf;
  }

  private static double exponential(SplittableRandom random, double mean) {
    return -mean * Math.log(1 - random.nextDouble());
  }
}
