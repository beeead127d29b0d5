package io.datawarehouse.kernel.audit;

/**
 * What somebody else said, so that it can stand in a log: short, and with nothing in it that ends a
 * line or hides what comes after. Stateless.
 */
public final class HarmlessText {

  private HarmlessText() {}

  /** Returns a text in no more than so many characters, what does not show replaced. */
  public static String of(String text, int longest) {
    String shortened = text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
    StringBuilder harmless = new StringBuilder(shortened.length());
    shortened
        .codePoints()
        .map(point -> shows(point) ? point : '?')
        .forEach(harmless::appendCodePoint);
    return harmless.toString();
  }

  private static boolean shows(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
