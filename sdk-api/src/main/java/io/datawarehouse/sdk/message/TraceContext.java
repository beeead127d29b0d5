package io.datawarehouse.sdk.message;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * The trace that a message belongs to, as in the W3C Trace Context recommendation. Immutable.
 *
 * @param traceId 32 lower-case hexadecimal digits, not all zero
 * @param spanId 16 lower-case hexadecimal digits, not all zero
 * @param sampled whether somebody records the trace
 */
public record TraceContext(String traceId, String spanId, boolean sampled) {

  private static final Pattern FORM =
      Pattern.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");
  private static final Pattern TRACE_ID = Pattern.compile("(?!0{32})[0-9a-f]{32}");
  private static final Pattern SPAN_ID = Pattern.compile("(?!0{16})[0-9a-f]{16}");

  /** Checks the form. */
  public TraceContext {
    if (!TRACE_ID.matcher(traceId).matches()) {
      throw WarehouseException.invalid("traceId", traceId, "use 32 hexadecimal digits");
    }
    if (!SPAN_ID.matcher(spanId).matches()) {
      throw WarehouseException.invalid("spanId", spanId, "use 16 hexadecimal digits");
    }
  }

  /** Starts a trace. */
  public static TraceContext start() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return new TraceContext(
        hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong() | 1),
        hex.toHexDigits(random.nextLong() | 1),
        false);
  }

  /**
   * Reads a {@code traceparent} header; empty where it is not of a form that can be continued, as
   * the recommendation asks.
   */
  public static Optional<TraceContext> parse(String traceparent) {
    var match = FORM.matcher(traceparent);
    if (!match.matches()
        || match.group(1).equals("ff")
        || match.group(1).equals("00") && match.group(5) != null
        || !TRACE_ID.matcher(match.group(2)).matches()
        || !SPAN_ID.matcher(match.group(3)).matches()) {
      return Optional.empty();
    }
    boolean sampled = (HexFormat.fromHexDigits(match.group(4)) & 1) != 0;
    return Optional.of(new TraceContext(match.group(2), match.group(3), sampled));
  }

  /** Returns the {@code traceparent} header. */
  public String traceparent() {
    return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
  }
}
