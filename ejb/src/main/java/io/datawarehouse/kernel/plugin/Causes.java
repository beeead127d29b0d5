package io.datawarehouse.kernel.plugin;

import io.datawarehouse.sdk.error.WarehouseException;

/** Puts into words what a plugin threw: one line, of bounded length. */
final class Causes {

  private static final int LONGEST = 500;

  private Causes() {}

  static String inWords(Throwable cause) {
    String text =
        cause instanceof WarehouseException known
            ? known.toString()
            : cause.getClass().getSimpleName()
                + (cause.getMessage() == null ? "" : ": " + cause.getMessage());
    String line = text.replaceAll("\\s*\\p{Cntrl}+\\s*", " ").strip();
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }
}
