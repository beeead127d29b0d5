package io.datawarehouse.sdk.message;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The identity of a message, unique over nodes and restarts. Immutable. The upper half is drawn
 * once per process, the lower half counts, so that making one costs nothing worth counting. It is
 * not a secret and can be guessed.
 *
 * @param high the process's share
 * @param low the message's share
 */
public record MessageId(long high, long low) {

  private static final long PROCESS =
      System.currentTimeMillis() << 20 ^ ThreadLocalRandom.current().nextLong();
  private static final AtomicLong NEXT = new AtomicLong();

  /** Returns an id that nobody has. */
  public static MessageId next() {
    return new MessageId(PROCESS, NEXT.getAndIncrement());
  }

  /** Reads the form that {@link #toString()} writes: 32 hexadecimal digits. */
  public static MessageId parse(String text) {
    if (text.length() != 32 || !text.chars().allMatch(HexFormat::isHexDigit)) {
      throw WarehouseException.invalid(
          StandardErrorCode.INVALID_ARGUMENT, "messageId", text, "use 32 hexadecimal digits");
    }
    return new MessageId(
        HexFormat.fromHexDigitsToLong(text, 0, 16), HexFormat.fromHexDigitsToLong(text, 16, 32));
  }

  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}
