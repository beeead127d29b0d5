package io.datawarehouse.kernel.peer;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import java.util.Collection;
import java.util.Optional;

/**
 * The links with all peers: opens them, shakes hands, opens them again when they break.
 * Thread-safe. There is at most one link with a peer at a time, whoever opened it.
 */
public interface PeerNetwork extends AutoCloseable {

  /**
   * What hears of the links. Called on threads of the transport: must be quick and never block. For
   * one link: once {@link #up}, then frames in their order, then {@link #down}, which may be told
   * twice.
   */
  interface Receiver {

    /** A link is up. Nothing came on it yet. */
    void up(PeerLink link);

    /** A frame came. */
    void received(PeerLink link, PeerFrame frame);

    /**
     * A link is down.
     *
     * @param orderly whether the peer had said that it goes
     */
    void down(PeerLink link, String reason, boolean orderly);

    /**
     * The peer wants a content that was offered to it; it is the transport's to read and close from
     * here on. Empty where there is no such offer any more.
     */
    Optional<Content> take(PeerLink link, long content);

    /** Returns a heartbeat to send on a link now. */
    PeerFrame.Heartbeat heartbeat(PeerLink link);
  }

  /**
   * Begins to listen and to open links. Called once.
   *
   * @return the port on which it listens
   * @throws WarehouseException {@code BOOT_FAILED} where the port cannot be had
   */
  int start(Receiver receiver);

  /**
   * Says which peers there should be links with. Those that are new are called at once; those that
   * are no longer there are not called again when their link breaks, and keep it until then.
   */
  void reach(Collection<PeerAddress> peers);

  /** Ends all links in good order, what waits is sent first as far as it can be; then closes. */
  @Override
  void close();
}
