package io.datawarehouse.kernel.peer;

import io.datawarehouse.sdk.cluster.NodeId;
import java.io.InputStream;
import java.util.Set;

/**
 * A connection with another node after the two have shaken hands: frames in order both ways, and
 * contents beside them. Thread-safe. One that is down stays down; the next one is another object.
 */
public interface PeerLink {

  /** What became of a frame that was to be sent. */
  enum Sending {
    /** It waits or is on its way; that it arrives is not said. */
    TAKEN,
    /** Too much waits already. */
    FULL,
    /** The link is down. */
    DOWN
  }

  /** Returns who is at the other end. */
  NodeId peer();

  /** Returns which run of it. */
  long incarnation();

  /** Returns the optional abilities that both have. */
  Set<String> features();

  /** Returns the codec of this link, to encode frames with. */
  FrameCodec codec();

  /** Sends a frame; never blocks. */
  Sending send(byte[] frame);

  /** Sends a frame whose payload may stand apart; never blocks. */
  default Sending send(EncodedFrame frame) {
    return send(frame.toBytes());
  }

  /** Sends a small and rare frame before all that waits; never blocks. */
  void sendFirst(byte[] frame);

  /** Returns how many frames wait to be sent. */
  int waiting();

  /**
   * Opens a content that the peer has offered on this link. Returns at once; the stream's reader
   * waits for bytes, holds the sender back while it does not read, and hears of every failure: a
   * {@code WarehouseException} where the sender's source threw one, the link is down or nothing
   * came for too long. Closing it before the end tells the sender to stop.
   *
   * @param content its number
   */
  InputStream open(long content);

  /**
   * Cuts the link.
   *
   * @param reason why, for the log
   */
  void cut(String reason);
}
