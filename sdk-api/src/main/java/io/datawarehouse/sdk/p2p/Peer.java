package io.datawarehouse.sdk.p2p;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Objects;

/**
 * Somebody to talk to. Immutable.
 *
 * @param id its identity
 * @param address where it listens, {@code host:port}, at most 255 characters
 * @param zone what fails together with it
 * @since 0.1
 */
public record Peer(NodeId id, String address, String zone) implements Comparable<Peer> {

  /** Checks; the error names the field. */
  public Peer {
    Objects.requireNonNull(id, "id");
    if (address.isBlank() || address.length() > 255) {
      throw WarehouseException.invalid("address", address, "use 1 to 255 characters");
    }
    Objects.requireNonNull(zone, "zone");
  }

  @Override
  public int compareTo(Peer other) {
    return id.compareTo(other.id);
  }
}
