package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.CandidateTable;

/**
 * Draws candidates by weight in one step, by the alias method (Walker 1977; in the form of Vose: A
 * Linear Algorithm for Generating Random Numbers with a Given Distribution, IEEE Transactions on
 * Software Engineering 17, 1991). Immutable; allocates nothing when it draws.
 */
final class WeightedDraw {

  private final double[] keep;
  private final int[] alias;

  WeightedDraw(CandidateTable table) {
    int size = table.size();
    keep = new double[size];
    alias = new int[size];
    double all = 0;
    for (int number = 0; number < size; number++) {
      all += table.candidates().get(number).weight();
    }
    int[] small = new int[size];
    int[] large = new int[size];
    int smalls = 0;
    int larges = 0;
    for (int number = 0; number < size; number++) {
      keep[number] = table.candidates().get(number).weight() / all * size;
      alias[number] = number;
      if (keep[number] < 1) {
        small[smalls++] = number;
      } else {
        large[larges++] = number;
      }
    }
    while (smalls > 0 && larges > 0) {
      int poor = small[--smalls];
      int rich = large[--larges];
      alias[poor] = rich;
      keep[rich] -= 1 - keep[poor];
      if (keep[rich] < 1) {
        small[smalls++] = rich;
      } else {
        large[larges++] = rich;
      }
    }
    // What is left is 1 but for rounding.
    while (larges > 0) {
      keep[large[--larges]] = 1;
    }
    while (smalls > 0) {
      keep[small[--smalls]] = 1;
    }
  }

  int draw(long random) {
    int column = Turns.below(random, keep.length);
    return Turns.share(random) < keep[column] ? column : alias[column];
  }
}
