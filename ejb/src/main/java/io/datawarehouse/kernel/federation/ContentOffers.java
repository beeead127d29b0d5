package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.peer.PeerFrame.ContentOffer;
import io.datawarehouse.kernel.peer.PeerLink;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Contents that travel beside messages: what this node has on offer for others, and what others
 * have for it. Small content of known length is read at once and goes with its message; other
 * content waits until the other node fetches it. Thread-safe.
 */
final class ContentOffers {

  private static final System.Logger LOG = System.getLogger(ContentOffers.class.getName());

  /** A content that a node may fetch over one link. */
  record Offer(Content content, PeerLink link, long since, boolean ofReply) {}

  private final AtomicLong numbers = new AtomicLong();
  private final int inlineBytes;
  private final long stallNanos;
  private final LongSupplier ticker;

  ContentOffers(int inlineBytes, long stallNanos, LongSupplier ticker) {
    this.inlineBytes = inlineBytes;
    this.stallNanos = stallNanos;
    this.ticker = ticker;
  }

  /**
   * Offers a content, or reads it where it is small; in both cases it is this object's to close.
   *
   * @throws WarehouseException where a small one cannot be read
   */
  ContentOffer offer(PeerNode node, PeerLink link, Content content, boolean ofReply) {
    if (content.length().isPresent() && content.length().getAsLong() <= inlineBytes) {
      return inline(content);
    }
    long number = numbers.incrementAndGet();
    node.offers.put(number, new Offer(content, link, ticker.getAsLong(), ofReply));
    return new ContentOffer(number, content.length(), content.contentType(), null);
  }

  /** Reads what there is, also where that is not the announced length: the reader compares. */
  private static ContentOffer inline(Content content) {
    try {
      int most = (int) content.length().getAsLong() + 1;
      byte[] bytes = content.stream().readNBytes(most);
      return new ContentOffer(0, content.length(), content.contentType(), Bytes.copyOf(bytes));
    } catch (IOException | UncheckedIOException e) {
      throw new WarehouseException(
          StandardErrorCode.CONTENT_INTERRUPTED, "the content of the message broke off", e);
    } finally {
      close(content);
    }
  }

  /** Returns a content as its receiver sees it. */
  static Content received(PeerLink link, ContentOffer offer) {
    Bytes inline = offer.inline();
    return inline != null
        ? Content.of(inline.asInputStream(), offer.length(), offer.contentType())
        : Content.of(link.open(offer.number()), offer.length(), offer.contentType());
  }

  /** Hands a content to the transport, which closes it. */
  Optional<Content> take(PeerNode node, PeerLink link, long number) {
    Offer offer = node.offers.get(number);
    if (offer == null || offer.link != link || !node.offers.remove(number, offer)) {
      return Optional.empty();
    }
    return Optional.of(offer.content);
  }

  /** Closes a content that nobody will fetch any more, if it is still on offer. */
  void withdraw(PeerNode node, long number) {
    if (number != 0) {
      Offer offer = node.offers.remove(number);
      if (offer != null) {
        close(offer.content);
      }
    }
  }

  /** Takes an offer back that was never sent; the content stays open. */
  Optional<Content> reclaim(PeerNode node, long number) {
    Offer offer = number == 0 ? null : node.offers.remove(number);
    return offer == null ? Optional.empty() : Optional.of(offer.content);
  }

  /** Closes all that was on offer over a link. */
  void linkIsDown(PeerNode node, PeerLink link) {
    for (Iterator<Offer> all = node.offers.values().iterator(); all.hasNext(); ) {
      Offer offer = all.next();
      if (offer.link == link) {
        all.remove();
        close(offer.content);
      }
    }
  }

  /** Closes contents of replies that nobody has fetched for too long. */
  void sweep(PeerNode node) {
    if (node.offers.isEmpty()) {
      return;
    }
    long now = ticker.getAsLong();
    node.offers.forEach(
        (number, offer) -> {
          if (offer.ofReply && now - offer.since > stallNanos) {
            withdraw(node, number);
          }
        });
  }

  static void close(Content content) {
    try {
      content.close();
    } catch (UncheckedIOException e) {
      LOG.log(System.Logger.Level.DEBUG, "a content could not be closed", e);
    }
  }
}
