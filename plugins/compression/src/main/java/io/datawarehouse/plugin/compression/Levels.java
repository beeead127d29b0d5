package io.datawarehouse.plugin.compression;

import java.util.Set;
import java.util.TreeSet;

/** The levels of a compression as variants of its name. */
final class Levels {

  private Levels() {}

  static Set<String> names(int least, int most) {
    Set<String> names = new TreeSet<>();
    for (int level = least; level <= most; level++) {
      names.add(Integer.toString(level));
    }
    return Set.copyOf(names);
  }
}
