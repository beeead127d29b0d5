package io.datawarehouse.sdk.p2p;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Something small between peers, below the bus. Immutable.
 *
 * @param channel who it is for at the receiver: lower-case letters, digits, {@code -} and {@code
 *     .}, at most 50
 * @param body at most 64 KiB
 * @since 0.1
 */
public record PeerMessage(String channel, Bytes body) {

  /** The most bytes of a body. */
  public static final int MOST_BYTES = 64 << 10;

  private static final Pattern CHANNEL = Pattern.compile("[a-z][a-z0-9.-]{0,49}");

  /** Checks; the error names the field. */
  public PeerMessage {
    requireChannel(channel);
    Objects.requireNonNull(body, "body");
    if (body.size() > MOST_BYTES) {
      throw WarehouseException.invalid("body", body.size() + " bytes", "at most " + MOST_BYTES);
    }
  }

  /** Throws {@code INVALID_ARGUMENT} unless that may be the name of a channel. */
  public static void requireChannel(String channel) {
    if (!CHANNEL.matcher(channel).matches()) {
      throw WarehouseException.invalid(
          "channel", channel, "use 1 to 50 lower-case letters, digits, '-' and '.'");
    }
  }
}
