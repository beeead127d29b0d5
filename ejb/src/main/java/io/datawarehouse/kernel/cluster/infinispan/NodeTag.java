package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jgroups.Address;
import org.jgroups.util.ExtendedUUID;

/**
 * Which run of which node an address of JGroups stands for. It is part of the address, so that a
 * view alone tells who is in it. Immutable.
 *
 * @param id the node
 * @param incarnation the run
 */
record NodeTag(NodeId id, long incarnation) {

  private static final String KEY = "dw";

  /** Returns a new address that says so. */
  ExtendedUUID newAddress(String name) {
    String text = id.value() + "/" + incarnation;
    return ExtendedUUID.randomUUID(name).put(KEY, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Reads it from an address; empty for one that was not made so. */
  static Optional<NodeTag> of(Address address) {
    if (!(address instanceof ExtendedUUID extended)) {
      return Optional.empty();
    }
    byte[] bytes = extended.get(KEY);
    if (bytes == null) {
      return Optional.empty();
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    int end = text.indexOf('/');
    try {
      return end < 0
          ? Optional.empty()
          : Optional.of(
              new NodeTag(
                  new NodeId(text.substring(0, end)), Long.parseLong(text.substring(end + 1))));
    } catch (NumberFormatException | WarehouseException e) {
      return Optional.empty();
    }
  }
}
