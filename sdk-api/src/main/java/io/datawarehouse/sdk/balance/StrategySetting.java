package io.datawarehouse.sdk.balance;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A setting that a {@link LoadBalancerStrategy} declares: its name, its default and what is
 * allowed. Configuration and operators may set it. Immutable.
 *
 * <p>A value is a {@link Long}, a {@link Boolean} or a {@link String}, as the kind of the setting
 * says.
 *
 * @since 0.1
 */
public sealed interface StrategySetting {

  /** Returns its name in JSON, like {@code boundPercent}. */
  String name();

  /** Returns the value where nobody sets one. */
  Object usual();

  /** Returns whether a value may be set. */
  boolean allows(Object value);

  /** Returns the value that a text means; empty where that is none that may be set. */
  Optional<Object> parse(String text);

  /** Returns what is allowed, as an instruction: {@code use 1 to 100}. */
  String rule();

  /** Returns its name in the configuration of its plugin, like {@code bound-percent}. */
  default String key() {
    return name().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  /**
   * A whole number. Immutable.
   *
   * @param name its name, a letter and up to 49 letters and digits
   * @param number the value where nobody sets one
   * @param least the least that is allowed
   * @param most the most that is allowed
   * @param off a number beside these that is allowed too, as a rule 0 for "none"
   * @since 0.1
   */
  record WholeNumber(String name, long number, long least, long most, OptionalLong off)
      implements StrategySetting {

    /** Checks; the error names the field. */
    public WholeNumber {
      requireName(name);
      Objects.requireNonNull(off, "off");
      if (least > most) {
        throw WarehouseException.invalid("least", least, "must not be over most");
      }
      requireAllowed(within(number, least, most, off), number);
    }

    /** Makes one for which there is no number beside the range. */
    public WholeNumber(String name, long number, long least, long most) {
      this(name, number, least, most, OptionalLong.empty());
    }

    @Override
    public Object usual() {
      return number;
    }

    @Override
    public boolean allows(Object value) {
      return value instanceof Long whole && within(whole, least, most, off);
    }

    private static boolean within(long value, long least, long most, OptionalLong off) {
      return value >= least && value <= most || off.isPresent() && off.getAsLong() == value;
    }

    @Override
    public Optional<Object> parse(String text) {
      try {
        return Optional.<Object>of(Long.parseLong(text)).filter(this::allows);
      } catch (NumberFormatException e) {
        return Optional.empty();
      }
    }

    @Override
    public String rule() {
      String range = least + " to " + most;
      return "use " + (off.isPresent() ? off.getAsLong() + " or " + range : range);
    }
  }

  /**
   * True or false. Immutable.
   *
   * @param name its name, a letter and up to 49 letters and digits
   * @param on the value where nobody sets one
   * @since 0.1
   */
  record Flag(String name, boolean on) implements StrategySetting {

    /** Checks; the error names the field. */
    public Flag {
      requireName(name);
    }

    @Override
    public Object usual() {
      return on;
    }

    @Override
    public boolean allows(Object value) {
      return value instanceof Boolean;
    }

    @Override
    public Optional<Object> parse(String text) {
      return switch (text) {
        case "true" -> Optional.of(true);
        case "false" -> Optional.of(false);
        default -> Optional.empty();
      };
    }

    @Override
    public String rule() {
      return "use true or false";
    }
  }

  /**
   * One of several words. Immutable.
   *
   * @param name its name, a letter and up to 49 letters and digits
   * @param word the value where nobody sets one
   * @param words all that are allowed
   * @since 0.1
   */
  record Choice(String name, String word, List<String> words) implements StrategySetting {

    /** Checks; the error names the field. */
    public Choice {
      requireName(name);
      words = List.copyOf(words);
      for (String one : words) {
        if (!one.matches("[a-z0-9][a-z0-9-]{0,49}")) {
          throw WarehouseException.invalid(
              "words", one, "use 1 to 50 lower-case letters, digits and '-'");
        }
      }
      requireAllowed(words.contains(word), word);
    }

    @Override
    public Object usual() {
      return word;
    }

    @Override
    public boolean allows(Object value) {
      return value instanceof String text && words.contains(text);
    }

    @Override
    public Optional<Object> parse(String text) {
      return Optional.<Object>of(text).filter(this::allows);
    }

    @Override
    public String rule() {
      return "use one of " + String.join(", ", words);
    }
  }

  private static void requireName(String name) {
    if (!name.matches("[a-z][a-zA-Z0-9]{0,49}")) {
      throw WarehouseException.invalid(
          "name", name, "use a lower-case letter and up to 49 letters and digits");
    }
  }

  private static void requireAllowed(boolean allowed, Object usual) {
    if (!allowed) {
      throw WarehouseException.invalid("usual", usual, "the default must be allowed itself");
    }
  }
}
