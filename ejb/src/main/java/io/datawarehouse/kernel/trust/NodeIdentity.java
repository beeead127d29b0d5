package io.datawarehouse.kernel.trust;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whom a certificate names: one node of one cluster. Immutable.
 *
 * @param clusterName the cluster's name, 1 to 100 characters
 * @param nodeId the node
 */
record NodeIdentity(String clusterName, NodeId nodeId) {

  private static final String CLUSTER = "datawarehouse:cluster:";
  private static final String NODE = "datawarehouse:node:";
  private static final int URI_NAME = 6;
  private static final int LONGEST_NAME = 100;
  private static final int PADDING = 128;

  /** Checks; the error names the field. */
  NodeIdentity {
    if (clusterName.isBlank() || clusterName.length() > LONGEST_NAME) {
      throw WarehouseException.invalid("clusterName", clusterName, "use 1 to 100 characters");
    }
  }

  /** Returns the alternative names that say so in the open in a certificate. */
  List<String> uris() {
    return List.of(NODE + nodeId, CLUSTER + URLEncoder.encode(clusterName, StandardCharsets.UTF_8));
  }

  /** Returns the identity in bytes whose number tells little of how long the names are. */
  byte[] padded() {
    byte[] cluster = clusterName.getBytes(StandardCharsets.UTF_8);
    byte[] node = nodeId.value().getBytes(StandardCharsets.UTF_8);
    int length = 2 * Short.BYTES + cluster.length + node.length;
    int whole = (length + PADDING - 1) / PADDING * PADDING;
    return ByteBuffer.allocate(whole)
        .putShort((short) cluster.length)
        .put(cluster)
        .putShort((short) node.length)
        .put(node)
        .array();
  }

  /** Reads what {@link #padded()} wrote; empty where it did not. */
  static Optional<NodeIdentity> ofPadded(byte[] padded) {
    try {
      ByteBuffer buffer = ByteBuffer.wrap(padded);
      String cluster = text(buffer);
      return Optional.of(new NodeIdentity(cluster, new NodeId(text(buffer))));
    } catch (BufferUnderflowException | WarehouseException e) {
      return Optional.empty();
    }
  }

  private static String text(ByteBuffer buffer) {
    byte[] text = new byte[Short.toUnsignedInt(buffer.getShort())];
    buffer.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  /**
   * Reads whom a certificate names in the open; empty where that is not exactly one node of one
   * cluster.
   */
  static Optional<NodeIdentity> of(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      List<String> nodes = uris(names, NODE);
      List<String> clusters = uris(names, CLUSTER);
      return nodes.size() == 1 && clusters.size() == 1
          ? Optional.of(
              new NodeIdentity(
                  URLDecoder.decode(clusters.get(0), StandardCharsets.UTF_8),
                  new NodeId(nodes.get(0))))
          : Optional.empty();
    } catch (CertificateParsingException | IllegalArgumentException | WarehouseException e) {
      return Optional.empty();
    }
  }

  private static List<String> uris(@Nullable Collection<List<?>> names, String prefix) {
    List<String> found = new ArrayList<>();
    if (names != null) {
      for (List<?> name : names) {
        if (name.get(0).equals(URI_NAME)
            && name.get(1) instanceof String uri
            && uri.startsWith(prefix)) {
          found.add(uri.substring(prefix.length()));
        }
      }
    }
    return found;
  }
}
