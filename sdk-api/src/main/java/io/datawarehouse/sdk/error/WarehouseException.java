package io.datawarehouse.sdk.error;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The one exception of the warehouse: a stable {@link ErrorCode}, a sentence for a person, and
 * attributes for a program. It crosses the message bus and, later, the wire; so it holds no
 * objects, only text. Immutable but for the stack trace.
 *
 * <p>The detail MUST name what was wrong and MUST NOT hold a secret: callers outside see it.
 */
public final class WarehouseException extends RuntimeException {

  private static final long serialVersionUID = 1L;
  private static final int LONGEST_SHOWN_VALUE = 120;

  private final transient ErrorCode code;
  private final transient Map<String, String> attributes;

  /** Makes an error without a cause or attributes. */
  public WarehouseException(ErrorCode code, String detail) {
    this(code, detail, Map.of(), null);
  }

  /** Makes an error that was caused by another. */
  public WarehouseException(ErrorCode code, String detail, @Nullable Throwable cause) {
    this(code, detail, Map.of(), cause);
  }

  /** Makes an error with attributes for programs, for example the size of a blob. */
  public WarehouseException(
      ErrorCode code, String detail, Map<String, String> attributes, @Nullable Throwable cause) {
    // The stack of an error that the caller made says nothing about the warehouse.
    super(
        Objects.requireNonNull(detail, "detail"),
        cause,
        false,
        code.category() != ErrorCategory.USER);
    this.code = code;
    this.attributes = Map.copyOf(attributes);
  }

  /**
   * Makes the error for a value that is not allowed.
   *
   * @param field the name of the parameter, header or property, as the caller knows it
   * @param value what it held; shown shortened, with control characters replaced
   * @param rule what would be allowed
   */
  public static WarehouseException invalid(
      ErrorCode code, String field, @Nullable Object value, String rule) {
    return new WarehouseException(
        code, field + " is " + shown(value) + ": " + rule, Map.of("field", field), null);
  }

  /** Makes the error for a value that is not allowed, with {@code INVALID_ARGUMENT}. */
  public static WarehouseException invalid(String field, @Nullable Object value, String rule) {
    return invalid(StandardErrorCode.INVALID_ARGUMENT, field, value, rule);
  }

  /** Returns the stable code. */
  public ErrorCode code() {
    return code;
  }

  /** Returns the sentence for a person. */
  public String detail() {
    return Objects.requireNonNull(getMessage());
  }

  /** Returns the attributes, sorted by name; never null, often empty. */
  public Map<String, String> attributes() {
    return new TreeMap<>(attributes);
  }

  @Override
  public String toString() {
    return code.name() + ": " + getMessage();
  }

  /** Returns a value as it may stand in a message: quoted, short, without control characters. */
  public static String shown(@Nullable Object value) {
    if (value == null) {
      return "missing";
    }
    String text = value.toString();
    StringBuilder out = new StringBuilder(Math.min(text.length(), LONGEST_SHOWN_VALUE) + 8);
    out.append('\'');
    for (int i = 0; i < text.length() && i < LONGEST_SHOWN_VALUE; i++) {
      char c = text.charAt(i);
      out.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '\uFFFD' : c);
    }
    if (text.length() > LONGEST_SHOWN_VALUE) {
      out.append("…");
    }
    return out.append('\'').toString();
  }
}
