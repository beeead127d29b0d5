package io.datawarehouse.kernel.placement;

import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.CommandResult;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings the table of segments about: the leader founds it once enough nodes are there, and every
 * node that holds no blobs gives what it owns beyond its share to nodes that own too little. What
 * holds blobs stays where it is. Thread-safe; {@link #tick()} is called once a second or so.
 *
 * <p>A node gives away by itself, with its gate shut from before it looks whether it is empty; what
 * it offers stays shut until it knows of a later table. Where it does not learn how its proposal
 * ended, or was started again meanwhile, it asks, and puts the table anew as it is where that still
 * stands: then a proposal that is on its way comes to nothing. So it never takes a blob for a
 * segment that may have left, nor says that there is none.
 */
public final class SegmentSteward {

  /** Tells what a node holds. */
  public interface Inventory {
    /**
     * Asks a node, this one too, how many blobs it holds, also such as others own; fails where it
     * cannot be reached.
     */
    CompletionStage<Long> blobsOn(NodeId node);

    /** Asks a node whether it may hold copies that others own. */
    CompletionStage<Boolean> foreignOn(NodeId node);
  }

  /**
   * What the steward works with. Immutable.
   *
   * @param membership who is there
   * @param coordinator who agrees
   * @param board where the table shows
   * @param gate what keeps this node to it
   * @param inventory who holds blobs
   * @param foundingNodes how many active nodes a table is founded with; 0 where this node founds
   *     none
   * @param limit how long one agreement may take
   * @param idle whether no plan moves anything; meanwhile nothing is given away
   * @param nanoTime measures time, as {@link System#nanoTime()} does
   */
  public record Options(
      ClusterMembership membership,
      ClusterCoordinator coordinator,
      PlacementBoard board,
      SegmentGate gate,
      Inventory inventory,
      int foundingNodes,
      Duration limit,
      BooleanSupplier idle,
      LongSupplier nanoTime) {}

  private static final System.Logger LOG = System.getLogger(SegmentSteward.class.getName());

  private final Options options;
  private final NodeId self;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final long begun;
  private volatile @Nullable String problem;

  /** Whether a leader was asked for the table, and answered. */
  private volatile boolean asked;

  /** Whether what was offered has been so for longer than a proposal takes. */
  private volatile boolean unsettled;

  /** Makes a steward that does nothing before it is ticked. */
  public SegmentSteward(Options options) {
    this.options = options;
    this.self = options.membership.localNodeId();
    this.begun = options.nanoTime.getAsLong();
    this.unsettled = options.gate.leaving().isPresent();
  }

  /** Returns what is wrong with who owns what; empty where nothing is. */
  public Optional<String> problem() {
    if (options.board.table().isEmpty()) {
      return Optional.ofNullable(problem);
    }
    return unsettled && options.gate.leaving().isPresent()
        ? Optional.of("whether segments left this node is not known; it does not answer for these")
        : Optional.empty();
  }

  /**
   * Returns why this node cannot say yet who owns what, while that is about to change: it has not
   * asked a leader that is in reach, or has just been started and may find one. Without a leader
   * that is over after the limit of an agreement.
   */
  public Optional<String> unready() {
    boolean soon =
        options.coordinator.leadership().available()
            || options.nanoTime.getAsLong() - begun < options.limit.toNanos();
    return options.board.table().isEmpty() && !asked && soon
        ? Optional.of("this node has not learnt yet who owns which segment")
        : Optional.empty();
  }

  /** Does what is due, unless something is under way already. */
  public void tick() {
    if (!busy.compareAndSet(false, true)) {
      return;
    }
    CompletionStage<Void> work;
    try {
      work = next();
    } catch (RuntimeException e) {
      work = CompletableFuture.failedFuture(e);
    }
    work.whenComplete(
        (done, failure) -> {
          if (failure != null) {
            LOG.log(
                System.Logger.Level.DEBUG,
                "agreeing on segments failed; it is tried again",
                failure);
          }
          busy.set(false);
        });
  }

  private CompletionStage<Void> next() {
    Optional<SegmentGate.Leaving> leaving = options.gate.leaving();
    if (leaving.isPresent()) {
      return settle(leaving.get());
    }
    unsettled = false;
    options.gate.tidy();
    Optional<PlacementBoard.Agreed> agreed = options.board.agreed();
    return agreed.isPresent() ? give(agreed.get()) : found();
  }

  // ---- founding ------------------------------------------------------------------------------

  private CompletionStage<Void> found() {
    Leadership leadership = options.coordinator.leadership();
    if (!leadership.available()) {
      problem = "no majority agrees on who owns which segment";
      return done();
    }
    if (!leadership.leads(self)) {
      problem = "the leader has not told yet who owns which segment";
      return readTable();
    }
    // After a restart a table may be agreed on of which this node has not heard.
    return readTable()
        .thenCompose(read -> options.board.table().isPresent() ? done() : foundHere());
  }

  private CompletionStage<Void> foundHere() {
    if (options.foundingNodes == 0) {
      problem =
          "nobody has shared the segments yet, and this node, which leads, founds nothing"
              + " (dw.cluster.founding-nodes)";
      return done();
    }
    List<ClusterNode> active = options.membership.view().active();
    if (active.size() < options.foundingNodes) {
      problem =
          "%d of %d nodes are there to share the segments"
              .formatted(active.size(), options.foundingNodes);
      return done();
    }
    return holders(active).thenCompose(holders -> found(active, holders));
  }

  /** Returns the nodes that hold blobs. */
  private CompletionStage<List<NodeId>> holders(List<ClusterNode> nodes) {
    CompletionStage<List<NodeId>> all = CompletableFuture.completedFuture(List.of());
    for (ClusterNode node : nodes) {
      all =
          all.thenCombine(
              options.inventory.blobsOn(node.id()),
              (before, blobs) -> {
                List<NodeId> holders = new ArrayList<>(before);
                if (blobs > 0) {
                  holders.add(node.id());
                }
                return holders;
              });
    }
    return all;
  }

  private CompletionStage<Void> found(List<ClusterNode> active, List<NodeId> holders) {
    if (holders.size() > 1) {
      problem =
          "nodes %s hold blobs from a time when they worked alone; only one node of a new cluster may"
              .formatted(holders);
      LOG.log(System.Logger.Level.ERROR, "segments are not shared: {0}", problem);
      return done();
    }
    SegmentTable table =
        holders.isEmpty() ? SegmentTable.spread(active) : SegmentTable.allTo(holders.get(0));
    return propose(table, ClusterCommand.ABSENT)
        .thenAccept(
            result ->
                LOG.log(
                    System.Logger.Level.INFO,
                    "segments are shared by {0}{1}",
                    table,
                    result.applied() ? "" : ", but others had agreed before"));
  }

  // ---- giving away -----------------------------------------------------------------------------

  private CompletionStage<Void> give(PlacementBoard.Agreed agreed) {
    List<ClusterNode> active = options.membership.view().active();
    SegmentTable relieved = agreed.table().relieved(self, active);
    if (relieved.equals(agreed.table())
        || !options.idle.getAsBoolean()
        || !options.coordinator.leadership().available()) {
      return done();
    }
    if (!options.gate.tryShut()) {
      return done();
    }
    return options
        .inventory
        .blobsOn(self)
        .thenCompose(blobs -> blobs > 0 ? done() : giveToEmptied(agreed, relieved))
        .whenComplete(
            (done, failure) -> {
              options.gate.open();
              if (options.gate.leaving().isPresent()) {
                unsettled = true;
                LOG.log(
                    System.Logger.Level.WARNING,
                    "whether segments left this node is not known; it does not answer for these"
                        + " until it is");
              }
            });
  }

  /** Whoever gets a segment must not have copies from a time when it had it before. */
  private CompletionStage<Void> giveToEmptied(PlacementBoard.Agreed agreed, SegmentTable relieved) {
    CompletionStage<Boolean> clean = CompletableFuture.completedFuture(true);
    for (NodeId receiver : agreed.table().receivers(relieved)) {
      clean =
          clean.thenCombine(
              options.inventory.foreignOn(receiver), (before, foreign) -> before && !foreign);
    }
    return clean
        .exceptionally(away -> false)
        .thenCompose(free -> free ? giveAway(agreed.version(), relieved) : done());
  }

  private CompletionStage<Void> giveAway(long expected, SegmentTable relieved) {
    options.gate.offer(expected, relieved);
    return propose(relieved, expected)
        .thenAccept(
            result -> {
              if (result.applied()) {
                LOG.log(System.Logger.Level.INFO, "gave segments away: {0}", relieved);
              }
            });
  }

  /** Learns which table stands, or sees that none but the present one can. */
  private CompletionStage<Void> settle(SegmentGate.Leaving leaving) {
    return readTable()
        .thenCompose(
            read -> {
              Optional<SegmentTable> table = options.board.table();
              return options.gate.leaving().isEmpty() || table.isEmpty()
                  ? done()
                  : propose(table.get(), leaving.expected()).thenAccept(result -> {});
            });
  }

  private CompletionStage<Void> readTable() {
    return options
        .coordinator
        .read(SegmentTable.ADDRESS, new ReadConsistency.Latest())
        .thenAccept(
            entry -> {
              entry.ifPresent(options.board::accept);
              asked = true;
            });
  }

  private CompletionStage<CommandResult> propose(SegmentTable table, long expected) {
    return options
        .coordinator
        .propose(
            new ClusterCommand.Put(SegmentTable.ADDRESS, table.toText(), OptionalLong.of(expected)),
            options.limit)
        .thenApply(
            result -> {
              standing(result).ifPresent(options.board::accept);
              return result;
            });
  }

  private static Optional<RegistryEntry> standing(CommandResult result) {
    if (result instanceof CommandResult.Applied applied) {
      return applied.entry();
    }
    return ((CommandResult.Conflict) result).standing();
  }

  private static CompletionStage<Void> done() {
    return CompletableFuture.allOf();
  }
}
