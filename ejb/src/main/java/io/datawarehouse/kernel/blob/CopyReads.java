package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.kernel.heat.CopyOrigins;
import io.datawarehouse.kernel.heat.CopyShelf;
import io.datawarehouse.kernel.heat.LeaseBook;
import io.datawarehouse.kernel.heat.LeasePlace;
import io.datawarehouse.kernel.heat.ReadCopies;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.placement.Refusals;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.ByteRange.Span;
import io.datawarehouse.sdk.blob.StorageMessages.BlobRead;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBlob;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.ReadOutcome;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Answers reads of hot segments of other nodes out of copies, and lets the owner answer what has no
 * copy, which then becomes one. Nothing gets to a node that a rule of the bucket forbids: the
 * holder looks at that, and the owner before it lets a copy out. Thread-safe; blocks for the owner.
 *
 * <p>What the owner will not answer, because the key is moving or has moved, is refused here as
 * what another node owns, so that it goes on by the latest table like any request.
 */
final class CopyReads {

  /** A blob of which only a part is asked for is fetched as a whole up to this size. */
  static final int PART = 64 << 10;

  private final ReadCopies copies;
  private final NodeRequests nodes;
  private final Placement placement;
  private final BlobReads reads;
  private final Clock clock;
  private final BlobMetrics metrics;
  private final Duration limit;
  private final Set<BlobKey> fetching = ConcurrentHashMap.newKeySet();
  private final ByteRoom room;

  CopyReads(
      ReadCopies copies,
      NodeRequests nodes,
      Placement placement,
      BlobReads reads,
      Clock clock,
      BlobMetrics metrics,
      Duration limit) {
    this.copies = copies;
    this.nodes = nodes;
    this.placement = placement;
    this.reads = reads;
    this.clock = clock;
    this.metrics = metrics;
    this.limit = limit;
    this.room = new ByteRoom(copies.mostBytes());
  }

  /** Reads, here where this node owns the blob or has a copy. */
  Reply read(Message message) {
    ReadBlob query = message.payload().as(ReadBlob.class);
    BlobKey key = query.blobKey();
    Optional<CopyOrigins.Origin> lately = servedLately(key);
    if (lately.isEmpty()) {
      return reads.read(query);
    }
    CopyOrigins.Origin origin = lately.get();
    Optional<CopyShelf.Copy> copy = copies.find(key, origin.segment(), origin.source());
    if (copy.isEmpty()) {
      return fetch(message, query, origin.source());
    }
    Reply reply = answer(copy.get(), query);
    reply
        .content()
        .ifPresent(
            content -> copies.gave(origin.source(), origin.segment(), content.length().orElse(0)));
    return reply;
  }

  private Optional<CopyOrigins.Origin> servedLately(BlobKey key) {
    return copies.hasAny()
        ? copies.origin(key).filter(origin -> copies.servedLately(origin.source()))
        : Optional.empty();
  }

  /** Describes a blob; where there is no copy the owner does. */
  Reply describe(Message message) {
    DescribeBlob query = message.payload().as(DescribeBlob.class);
    BlobKey key = query.blobKey();
    Optional<CopyOrigins.Origin> lately = servedLately(key);
    if (lately.isEmpty()) {
      return Reply.of(reads.describe(query));
    }
    CopyShelf.Source source = lately.get().source();
    Optional<CopyShelf.Copy> copy = copies.find(key, lately.get().segment(), source);
    return copy.isPresent()
        ? Reply.of(placement.stamp(copy.get().manifest()))
        : askOwner(message, NodeBlobs.LOOK, query, source.owner());
  }

  private Reply answer(CopyShelf.Copy copy, ReadBlob query) {
    BlobManifest manifest = placement.stamp(copy.manifest());
    ReadDecision decision = ReadDecision.of(query, manifest, clock.instant());
    Span span = decision.span();
    Payload payload =
        Payload.of(new BlobRead(decision.outcome(), manifest, span.offset(), span.length()));
    if (decision.outcome() == ReadOutcome.NOT_MODIFIED) {
      return Reply.of(payload);
    }
    metrics.readBegun();
    try {
      return Reply.of(
          payload,
          Content.of(
              new CopyStream(copy.content().asInputStream(), span.offset(), span.length(), metrics),
              OptionalLong.of(span.length()),
              manifest.contentType()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Has the owner answer, and keeps what it lets out; one fetch of a key at a time, and of all keys
   * as much as copies may take. What has no room is passed on without a copy.
   */
  private Reply fetch(Message message, ReadBlob query, CopyShelf.Source source) {
    BlobKey key = query.blobKey();
    long most = query.range().isPresent() ? Math.min(PART, copies.largest()) : copies.largest();
    if (most == 0 || !fetching.add(key)) {
      return withoutCopy(message, query, source);
    }
    try {
      Optional<CopyShelf.Fetch> fetch = copies.fetch(key, source);
      return fetch.isPresent() && room.take(most)
          ? fetch(message, query, fetch.get(), most)
          : withoutCopy(message, query, source);
    } finally {
      fetching.remove(key);
    }
  }

  private Reply withoutCopy(Message message, ReadBlob query, CopyShelf.Source source) {
    NodeBlobs.FillBlob fill = new NodeBlobs.FillBlob(query, placement.node(), Optional.empty(), 0);
    return ofOwner(askOwner(message, NodeBlobs.FILL, fill, source.owner()));
  }

  /** Fetches into room that was taken, of which what is not needed is given back at once. */
  private Reply fetch(Message message, ReadBlob query, CopyShelf.Fetch fetch, long most) {
    long taken = most;
    try {
      Optional<LeasePlace> place = Optional.of(fetch.source().place());
      NodeBlobs.FillBlob fill = new NodeBlobs.FillBlob(query, placement.node(), place, most);
      Reply reply = askOwner(message, NodeBlobs.FILL, fill, fetch.source().owner());
      NodeBlobs.Filled filled = reply.as(NodeBlobs.Filled.class);
      if (!filled.copy()) {
        return ofOwner(reply);
      }
      long needed = Math.min(most, filled.read().manifest().size());
      room.give(taken - needed);
      taken = needed;
      CopyShelf.Copy copy =
          new CopyShelf.Copy(
              filled.read().manifest(), whole(reply.content().orElseThrow(), filled, most));
      keep(fetch, copy);
      return answer(copy, query);
    } finally {
      room.give(taken);
    }
  }

  /** Keeps a copy, unless the bucket has just got a map by which this node may not have it. */
  private void keep(CopyShelf.Fetch fetch, CopyShelf.Copy copy) {
    copies.keep(fetch, copy);
    if (copies
        .origin(fetch.key())
        .filter(origin -> origin.source().equals(fetch.source()))
        .isEmpty()) {
      copies.drop(fetch);
    }
  }

  /** Passes on what the owner answered, under its name. */
  private static Reply ofOwner(Reply reply) {
    Payload payload = Payload.of(reply.as(NodeBlobs.Filled.class).read());
    NodeId owner = reply.handledBy().orElseThrow();
    return reply
        .content()
        .map(content -> Reply.of(payload, content))
        .orElseGet(() -> Reply.of(payload))
        .delivered(owner, Json.codec());
  }

  private static Bytes whole(Content content, NodeBlobs.Filled filled, long most) {
    long size = filled.read().manifest().size();
    try (content) {
      byte[] bytes = new byte[Math.toIntExact(Math.min(size, most))];
      InputStream stream = content.stream();
      int count = stream.readNBytes(bytes, 0, bytes.length);
      if (count != size || stream.read() >= 0) {
        throw new WarehouseException(
            StandardErrorCode.UNAVAILABLE,
            "the owner sent other than the %d bytes of a blob".formatted(size));
      }
      return Bytes.copyOf(bytes);
    } catch (IOException e) {
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE, "the owner stopped in the middle of the content", e);
    }
  }

  private Reply askOwner(Message message, Topic topic, Object query, NodeId owner) {
    try {
      return Stages.await(
          nodes.requestAt(
              owner,
              Message.query(topic, Payload.of(query)).timeout(limit).causedBy(message).build()),
          limit);
    } catch (WarehouseException e) {
      if (e.code() == StandardErrorCode.OWNER_UNAVAILABLE) {
        throw Refusals.elsewhere(e.detail());
      }
      throw e;
    }
  }

  // ---- the owner -------------------------------------------------------------------------------

  /** Reads for a holder of a lease: whole where it may keep a copy, else as it was asked. */
  Reply fill(NodeBlobs.FillBlob query) {
    BlobKey key = query.read().blobKey();
    // Looked at before the read: a change that is announced meanwhile is noticed.
    Optional<LeaseBook.Reading> reading =
        query
            .place()
            .filter(place -> query.most() > 0 && copies.givesTo(query.holder(), key, place))
            .map(place -> copies.reading(key, place));
    return reads.read(
        query.read(),
        manifest ->
            reading.isPresent()
                && manifest.size() <= query.most()
                && copies.mayGoOut(reading.get(), manifest.size()));
  }

  /** Describes for a holder of a lease. */
  BlobManifest look(DescribeBlob query) {
    return reads.describe(query);
  }
}
