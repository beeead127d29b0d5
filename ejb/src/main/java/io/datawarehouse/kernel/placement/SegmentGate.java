package io.datawarehouse.kernel.placement;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a node of a cluster to what it owns, so that a message that was routed by an older table is
 * refused and not answered wrongly. While the node looks whether it can give segments away the gate
 * is shut for changes: nothing can be written into a segment that is just leaving. Thread-safe.
 *
 * <p>What the node has offered to others stays shut, for reads too, until it knows of a later table
 * than the one that it offered to replace. That is on the disk before the offer is made: a node
 * that is started again and reaches no leader must not take for its own what others may own by now.
 */
public final class SegmentGate implements Territory {

  private static final String LEAVING = "leaving";

  /**
   * What was offered to other nodes.
   *
   * @param expected the version of the table that is to be replaced; a later one decides
   * @param next the table that is to replace it
   */
  record Leaving(long expected, SegmentTable next) {

    private Bytes toBytes() {
      return Bytes.utf8(expected + "\n" + next.toText());
    }

    private static Leaving parse(Bytes bytes) {
      String text = bytes.asUtf8();
      int line = text.indexOf('\n');
      try {
        return new Leaving(
            Long.parseLong(text.substring(0, Math.max(0, line))),
            SegmentTable.parse(text.substring(line + 1)));
      } catch (NumberFormatException | WarehouseException e) {
        throw new WarehouseException(
            StandardErrorCode.STORAGE_FAILED,
            "which segments this node was giving away cannot be read",
            e);
      }
    }
  }

  private final NodeId self;
  private final PlacementBoard board;
  private final KernelStorage kept;
  private final AtomicInteger inside = new AtomicInteger();
  private volatile boolean shut;
  private volatile @Nullable Leaving leaving;

  /**
   * Makes a gate that is open, but for what was offered to others before a restart.
   *
   * @param kept where the gate remembers what it offered
   * @throws WarehouseException {@code STORAGE_FAILED} where that cannot be read
   */
  public SegmentGate(NodeId self, PlacementBoard board, KernelStorage kept) {
    this.self = self;
    this.board = board;
    this.kept = kept;
    this.leaving = kept.get(LEAVING).map(Leaving::parse).orElse(null);
  }

  @Override
  public Placement placement() {
    return board.placement();
  }

  @Override
  public void requireOwned(int segment) {
    // Before the table is looked at: what has ended the offer stands there then.
    boolean offered = isOffered(segment);
    requireStillOwned(segment);
    if (offered) {
      throw Refusals.unsure("whether segment " + segment + " has left " + self + " is not known");
    }
  }

  @Override
  public void requireStillOwned(int segment) {
    NodeId owner =
        board
            .table()
            .orElseThrow(
                () ->
                    unavailable(
                        "node " + self + " does not know yet who owns which segment; try again"))
            .owner(segment);
    if (!owner.equals(self)) {
      throw Refusals.elsewhere("segment " + segment + " is owned by " + owner + ", not by " + self);
    }
  }

  @Override
  public Passage enter(int segment) {
    // Counted before the gate is looked at, so that whoever shuts it sees all that are inside.
    inside.incrementAndGet();
    try {
      boolean held = shut || isOffered(segment);
      requireStillOwned(segment);
      if (held) {
        throw Refusals.waiting("node " + self + " is giving segments away");
      }
    } catch (WarehouseException e) {
      inside.decrementAndGet();
      throw e;
    }
    return inside::decrementAndGet;
  }

  private boolean isOffered(int segment) {
    // Asked for every request: it allocates nothing.
    Leaving offer = leaving;
    return offer != null && stands(offer) && !offer.next.owner(segment).equals(self);
  }

  @Override
  public boolean asking() {
    return leaving().isPresent();
  }

  /** Shuts the gate if no change is under way; returns whether it is shut. */
  boolean tryShut() {
    shut = true;
    if (inside.get() == 0) {
      return true;
    }
    shut = false;
    return false;
  }

  /** Opens the gate again, but for what was offered. */
  void open() {
    shut = false;
  }

  /** Remembers that segments are offered to others from now on; on the disk when it returns. */
  void offer(long expected, SegmentTable next) {
    Leaving offer = new Leaving(expected, next);
    kept.put(LEAVING, offer.toBytes());
    leaving = offer;
  }

  /** Returns what was offered while it is not known what became of it. */
  Optional<Leaving> leaving() {
    return Optional.ofNullable(leaving).filter(this::stands);
  }

  private boolean stands(Leaving offer) {
    return board.tableVersion() <= offer.expected;
  }

  /** Takes what has been decided off the disk. */
  void tidy() {
    if (leaving != null && leaving().isEmpty()) {
      boolean unusedThere = kept.delete(LEAVING);
      leaving = null;
    }
  }

  private static WarehouseException unavailable(String why) {
    return new WarehouseException(StandardErrorCode.OWNER_UNAVAILABLE, why);
  }
}
