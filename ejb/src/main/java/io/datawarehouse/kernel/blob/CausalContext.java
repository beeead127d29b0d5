package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A version vector: how many writes of each node a version has seen. Immutable.
 *
 * <p>As text it is base64url without padding of: one byte for the form ({@code 1}), one for the
 * number of entries, then for each entry, sorted by node, one byte for the length of its id, the id
 * in ASCII, and eight for the count. Equal contexts have equal texts, and nothing else is read.
 */
final class CausalContext {

  static final CausalContext NONE = new CausalContext(new TreeMap<>());

  private static final byte FORM = 1;
  private static final int MOST_NODES = 255;
  private static final int LONGEST_TEXT = 24 * 1024;
  // Far above any real count, and far enough from the end that counting on never overflows.
  private static final long MOST_WRITES = 1L << 62;

  private final SortedMap<NodeId, Long> counts;

  private CausalContext(SortedMap<NodeId, Long> counts) {
    this.counts = counts;
  }

  /** Reads a context that a caller gave; throws {@code INVALID_CONTEXT}. */
  static CausalContext parse(String text) {
    if (text.length() > LONGEST_TEXT) {
      throw invalid(text);
    }
    try {
      CausalContext context = decode(ByteBuffer.wrap(Base64.getUrlDecoder().decode(text)));
      if (!context.text().equals(text)) {
        throw invalid(text);
      }
      return context;
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      throw invalid(text);
    }
  }

  private static CausalContext decode(ByteBuffer bytes) {
    if (bytes.get() != FORM) {
      throw new IllegalArgumentException("another form");
    }
    int entries = bytes.get() & 0xff;
    TreeMap<NodeId, Long> counts = new TreeMap<>();
    for (int i = 0; i < entries; i++) {
      byte[] id = new byte[bytes.get() & 0xff];
      bytes.get(id);
      NodeId node = node(new String(id, StandardCharsets.US_ASCII));
      long count = bytes.getLong();
      if (count < 1 || count > MOST_WRITES) {
        throw new IllegalArgumentException("no count");
      }
      counts.put(node, count);
    }
    if (bytes.hasRemaining()) {
      throw new IllegalArgumentException("more than announced");
    }
    return new CausalContext(counts);
  }

  private static NodeId node(String id) {
    try {
      return new NodeId(id);
    } catch (WarehouseException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Returns the least context that has seen what both have seen. */
  CausalContext merge(CausalContext other) {
    TreeMap<NodeId, Long> merged = new TreeMap<>(counts);
    other.counts.forEach((node, count) -> merged.merge(node, count, Math::max));
    return new CausalContext(merged);
  }

  /** Returns the context of one more write by the node. */
  CausalContext advance(NodeId node) {
    TreeMap<NodeId, Long> advanced = new TreeMap<>(counts);
    advanced.merge(node, 1L, Long::sum);
    if (advanced.size() > MOST_NODES) {
      throw WarehouseException.invalid(
          StandardErrorCode.INVALID_CONTEXT, "DW-Context", advanced.size() + " nodes", "too many");
    }
    return new CausalContext(advanced);
  }

  /** Returns the opaque text. */
  String text() {
    int size = 2;
    for (NodeId node : counts.keySet()) {
      size += 1 + node.value().length() + Long.BYTES;
    }
    ByteBuffer bytes = ByteBuffer.allocate(size).put(FORM).put((byte) counts.size());
    for (Map.Entry<NodeId, Long> entry : counts.entrySet()) {
      byte[] id = entry.getKey().value().getBytes(StandardCharsets.US_ASCII);
      bytes.put((byte) id.length).put(id).putLong(entry.getValue());
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
  }

  private static WarehouseException invalid(String text) {
    return WarehouseException.invalid(
        StandardErrorCode.INVALID_CONTEXT,
        "DW-Context",
        text,
        "send back what an answer of this warehouse held, unchanged");
  }
}
