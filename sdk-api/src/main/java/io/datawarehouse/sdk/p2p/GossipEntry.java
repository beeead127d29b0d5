package io.datawarehouse.sdk.p2p;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import java.util.Objects;

/**
 * One thing that a node tells of itself, to be spread to all. Immutable. Only its origin makes new
 * versions, so that no two versions of an entry are ever concurrent.
 *
 * @param address whose it is and what
 * @param version grows with every change by the origin, over restarts too, at least 1
 * @param value at most 4 KiB; empty bytes say that the origin took it back
 * @since 0.1
 */
public record GossipEntry(Address address, long version, Bytes value) {

  /** The most bytes of a value. */
  public static final int MOST_BYTES = 4 << 10;

  /**
   * Whose entry, and which. Immutable.
   *
   * @param origin the node that tells it
   * @param key what it is about, 1 to 100 characters
   */
  public record Address(NodeId origin, String key) implements Comparable<Address> {
    /** Checks; the error names the field. */
    public Address {
      Objects.requireNonNull(origin, "origin");
      if (key.isEmpty() || key.length() > 100) {
        throw WarehouseException.invalid("key", key, "use 1 to 100 characters");
      }
    }

    @Override
    public int compareTo(Address other) {
      int byOrigin = origin.compareTo(other.origin);
      return byOrigin != 0 ? byOrigin : key.compareTo(other.key);
    }
  }

  /** Checks; the error names the field. */
  public GossipEntry {
    Objects.requireNonNull(address, "address");
    if (version < 1) {
      throw WarehouseException.invalid("version", version, "must be at least 1");
    }
    if (value.size() > MOST_BYTES) {
      throw WarehouseException.invalid("value", value.size() + " bytes", "at most " + MOST_BYTES);
    }
  }

  /** Returns whether this is news to somebody who has that version, 0 for none. */
  public boolean newerThan(long known) {
    return version > known;
  }
}
