package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.blob.BlobCopies;
import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sends copies to other nodes, one after the other, and waits for each. Thread-safe. */
final class CopySender {

  /** How long a content of a megabyte may take at the least rate that is patience. */
  private static final Duration PER_MEBIBYTE = Duration.ofSeconds(8);

  private final BlobCopies copies;
  private final NodeRequests nodes;
  private final Throttle throttle;
  private final Duration limit;
  private final MovesMetrics metrics;

  CopySender(
      BlobCopies copies,
      NodeRequests nodes,
      Throttle throttle,
      Duration limit,
      MovesMetrics metrics) {
    this.copies = copies;
    this.nodes = nodes;
    this.throttle = throttle;
    this.limit = limit;
    this.metrics = metrics;
  }

  /** Returns a sender that waits no longer than that for an answer. */
  CopySender within(Duration shorter) {
    return new CopySender(copies, nodes, throttle, shorter, metrics);
  }

  String open(NodeId target, NodeMoves.Session session) {
    return ask(target, NodeMoves.OPEN, new NodeMoves.Open(session))
        .as(NodeMoves.Opened.class)
        .token();
  }

  List<String> compare(NodeId target, NodeMoves.Compare part) {
    return ask(target, NodeMoves.COMPARE, part).as(NodeMoves.Missing.class).keys();
  }

  Map<BucketName, BucketUsage> close(NodeId target, NodeMoves.Session session) {
    return NodeMoves.Amount.sum(
        ask(target, NodeMoves.CLOSE, new NodeMoves.Close(session))
            .as(NodeMoves.Closed.class)
            .amounts());
  }

  /**
   * Sends what there is of a blob now, or that there is nothing.
   *
   * @return how many bytes of content it was; -1 where there is nothing
   */
  long send(NodeId target, NodeMoves.Session session, BlobKey key) {
    Optional<BlobCopies.Outgoing> found = copies.open(key);
    if (found.isEmpty()) {
      Reply unused =
          ask(target, NodeMoves.REMOVE, new NodeMoves.Remove(session, key.bucket(), key.key()));
      return -1;
    }
    BlobManifest manifest = found.get().manifest();
    Content content = found.get().content();
    ContentFault stream = new ContentFault(throttle.slowed(content.stream()));
    Message message =
        Message.command(NodeMoves.STORE, Payload.of(new NodeMoves.Store(session, manifest)))
            .content(Content.of(stream, content.length(), content.contentType()))
            .build();
    try {
      Reply unused = Waiting.on(nodes.requestAt(target, message), patience(manifest.size()));
    } catch (WarehouseException e) {
      // What is wrong with the content itself says more than that it did not come.
      throw stream.fault().orElse(e);
    }
    metrics.moved(manifest.size());
    return manifest.size();
  }

  /** A content that remembers why it could not be read. */
  private static final class ContentFault extends FilterInputStream {

    private volatile @Nullable WarehouseException fault;

    ContentFault(InputStream source) {
      super(source);
    }

    Optional<WarehouseException> fault() {
      return Optional.ofNullable(fault);
    }

    @Override
    public int read() throws IOException {
      try {
        return super.read();
      } catch (WarehouseException e) {
        fault = e;
        throw e;
      }
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      try {
        return super.read(target, offset, length);
      } catch (WarehouseException e) {
        fault = e;
        throw e;
      }
    }
  }

  private Duration patience(long bytes) {
    return limit.plus(PER_MEBIBYTE.multipliedBy((bytes >> 20) + 1)).plus(throttle.timeOf(bytes));
  }

  private Reply ask(NodeId target, Topic topic, Object payload) {
    return Waiting.on(
        nodes.requestAt(target, Message.command(topic, Payload.of(payload)).timeout(limit).build()),
        limit.plusSeconds(1));
  }
}
