package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.blob.BlobCopies;
import io.datawarehouse.kernel.heat.ReadCopies;
import io.datawarehouse.kernel.placement.KeyGate;
import io.datawarehouse.kernel.placement.Ownership;
import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Copies what leaves this node, and holds back changes of it while ownership changes. Thread-safe.
 *
 * <p>A seal is a promise: between the moment at which it is on disk and the one at which this node
 * knows of a later version of the entry that is to be replaced, no change of what leaves is let in,
 * also after a restart. It is the version alone that ends it: where the replacement does not come,
 * the node puts the entry anew as it is, and whatever was still on its way comes to nothing.
 *
 * <p>What leaves is sealed only when no other node can serve it out of its memory any more, nor
 * will be able to before the seal ends.
 */
final class Departures {

  /**
   * What it works with.
   *
   * @param self this node
   * @param ownership who owns what
   * @param copies gives versions
   * @param sender sends them
   * @param gate holds back changes
   * @param leases the leases under which others serve copies in memory; empty where there are none
   * @param arrivals takes care of what stays here of what has left
   * @param plans the plans
   * @param records what must not be forgotten
   * @param coordinator who agrees
   * @param clock tells the time
   * @param ticker nanoseconds that only grow
   * @param limits how long and how much
   * @param metrics counts
   */
  record Options(
      NodeId self,
      Ownership ownership,
      BlobCopies copies,
      CopySender sender,
      KeyGate gate,
      Optional<ReadCopies> leases,
      Arrivals arrivals,
      AgreedPlans plans,
      MoveRecords records,
      ClusterCoordinator coordinator,
      Clock clock,
      LongSupplier ticker,
      Limits limits,
      MovesMetrics metrics) {}

  /**
   * How long and how much.
   *
   * @param agreement how long an agreement may take
   * @param sealed how long changes wait before the node takes the seal back
   * @param quiet how long changes that are under way may take to end, once others wait
   * @param grace how long copies stay after their keys have left
   * @param lastBytes how much may be left to send while changes wait; how many keys depends on how
   *     fast they are sent
   */
  record Limits(
      Duration agreement, Duration sealed, Duration quiet, Duration grace, long lastBytes) {}

  private static final System.Logger LOG = System.getLogger(Departures.class.getName());

  /** What does not pass by itself: somebody must do something about the blob or the disk. */
  private static final Set<StandardErrorCode> FATAL =
      Set.of(
          StandardErrorCode.BLOB_CORRUPT,
          StandardErrorCode.KEY_DESTROYED,
          StandardErrorCode.TRANSFORMER_MISSING,
          StandardErrorCode.DISK_FULL,
          StandardErrorCode.STORAGE_FAILED,
          StandardErrorCode.TOO_LARGE);

  /** How often all that is left may be sent beside its changes, before these are slowed down. */
  private static final int ROUNDS = 4;

  /** How many keys more may be sent beside changes. */
  private static final int SOME = 512;

  /** For how long changes are held back first where they outrun what is sent. */
  private static final long FIRST_HOLD = TimeUnit.MILLISECONDS.toNanos(100);

  private final Options options;
  private final NodeId self;
  private final Ownership ownership;

  /** Held by whoever copies or seals. */
  private final ReentrantLock work = new ReentrantLock();

  /** Guarded by the lock of work. */
  private final SendingPace pace = new SendingPace();

  /** Guards the end of a seal; taken after the lock of work. */
  private final Object sealLock = new Object();

  private volatile @Nullable Departure current;

  /** Makes it, with its gate shut where a seal stands from before a restart. */
  Departures(Options options) {
    this.options = options;
    this.self = options.self;
    this.ownership = options.ownership;
    for (MoveRecords.Departure record : options.records.departures()) {
      OwnershipChange change = options.records.changeOf(record.kind(), record.change());
      Departure sealed = new Departure(record.plan(), change, this::scopeOf);
      // Long enough ago that it is taken back at once.
      sealed.restore();
      sealed.seal(record, options.ticker.getAsLong() - options.limits.sealed.toNanos() - 1);
      options.gate.shutAsking(sealed.scope());
      current = sealed;
    }
  }

  private Predicate<BlobKey> scopeOf(OwnershipChange change) {
    // What cannot be told is held back: it may be somebody else's.
    return key ->
        change.unsure(key, ownership)
            || change.routeOf(key, ownership).filter(r -> r.from().equals(self)).isPresent();
  }

  NodeMoves.Progress progress(String plan) {
    Departure departure = current;
    return departure == null || !departure.plan().equals(plan)
        ? new NodeMoves.Progress(false, false, 0, 0, Optional.empty(), Optional.empty())
        : departure.progress();
  }

  /**
   * Returns the segments out of which keys leave that have been written to for so long already that
   * changes of others are not to wait for that.
   */
  NodeMoves.Writing writing(String plan) {
    Departure departure = current;
    if (departure == null || !departure.plan().equals(plan)) {
      return new NodeMoves.Writing(List.of());
    }
    return new NodeMoves.Writing(
        options.gate.underWay(departure.scope(), options.limits.quiet.toNanos()).stream()
            .map(ownership::segment)
            .distinct()
            .sorted()
            .toList());
  }

  /** Returns the plan for which something leaves this node now. */
  Optional<String> busyWith() {
    return Optional.ofNullable(current).map(Departure::plan);
  }

  // ---- copying ---------------------------------------------------------------------------------

  /** Does what is due; returns when it is done, which may take long. */
  void advance() {
    settle();
    if (!work.tryLock()) {
      return;
    }
    try {
      Departure departure = wanted();
      if (departure != null) {
        advance(departure);
      }
    } finally {
      work.unlock();
    }
  }

  /** Returns what is to be copied now; null where nothing is. */
  private @Nullable Departure wanted() {
    Departure present = current;
    if (present != null && present.sealed()) {
      return null;
    }
    AgreedPlans.Agreed active = options.plans.active().filter(this::leavesFromHere).orElse(null);
    if (active == null || active.plan().state() == PlanState.PAUSED) {
      if (present != null) {
        options.gate.listen(key -> {});
        present.allowCopies();
        current = null;
      }
      return null;
    }
    if (present == null || !present.plan().equals(active.plan().work())) {
      Departure begun = new Departure(active.plan().work(), active.change(), this::scopeOf);
      // Before anything is looked at, so that nothing is changed unseen.
      options.gate.listen(begun::changed);
      if (present != null) {
        present.allowCopies();
      }
      current = begun;
      return begun;
    }
    present.follow(active.change());
    return present;
  }

  private boolean leavesFromHere(AgreedPlans.Agreed agreed) {
    return agreed.change().routes().stream().anyMatch(route -> route.from().equals(self));
  }

  private void advance(Departure departure) {
    if (departure.failed().isPresent()) {
      return;
    }
    try {
      if (!knowsWhatStands(departure.change())) {
        return;
      }
      if (!departure.ready()) {
        begin(departure);
      }
      catchUp(departure);
      if (isWithoutCopies(departure)) {
        departure.isCaughtUp();
      }
    } catch (WarehouseException e) {
      hold(departure, e);
    }
  }

  /**
   * Nobody may serve copies of what has another owner: before changes are held back no lease is
   * given any more, and those that run are waited for while changes go on.
   */
  private boolean isWithoutCopies(Departure departure) {
    return options.leases.map(departure::withoutCopies).orElse(true);
  }

  /**
   * Compares what this node knows with the version that the plan replaces, and asks where it knows
   * only an earlier one: what it missed is not told again.
   */
  private boolean knowsWhatStands(OwnershipChange change) {
    if (ownership.version(change.address()) < change.expected()) {
      Waiting.on(ownership.refresh(), options.limits.agreement);
    }
    return ownership.version(change.address()) == change.expected();
  }

  private void hold(Departure departure, WarehouseException why) {
    departure.allowCopies();
    if (why.code() instanceof StandardErrorCode code && FATAL.contains(code)) {
      departure.fail(why.code().name() + ": " + why.detail());
    } else {
      if (departure.interrupt(why.detail())) {
        LOG.log(
            System.Logger.Level.INFO,
            "plan {0} is held up on node {1}: {2}",
            departure.plan(),
            self,
            why.detail());
      }
    }
  }

  private void begin(Departure departure) {
    departure.nextSession(self, options.clock.millis());
    for (NodeId target : departure.targets(self)) {
      departure.opened(target, options.sender.open(target, departure.session()));
    }
    if (departure.mustCompare()) {
      departure.comparing();
      new FullComparison(options.copies, options.sender, ownership, self)
          .run(departure, () -> requireWanted(departure));
      departure.compared();
    }
  }

  private void requireWanted(Departure departure) {
    boolean wanted =
        options
            .plans
            .findWork(departure.plan())
            .map(agreed -> agreed.plan().state())
            .filter(state -> state == PlanState.RUNNING || state == PlanState.SWITCHING)
            .isPresent();
    if (!wanted || Thread.currentThread().isInterrupted()) {
      throw PlanErrors.notNow("plan '" + departure.plan() + "' was stopped");
    }
  }

  /**
   * Sends what was changed until what is left can be sent in the time for which changes may wait.
   * Changes that outrun that are slowed down: they are held back for a moment, in which much is
   * sent, let in, and held back for longer, so that a plan comes to its end under any load.
   */
  private void catchUp(Departure departure) {
    int left = ROUNDS * departure.changedCount() + SOME;
    long hold = FIRST_HOLD;
    while (tooMuchIsLeft(departure)) {
      if (left > 0) {
        left -= sendSome(departure, options.sender, Long.MAX_VALUE, Long.MAX_VALUE);
      } else {
        departure.fallsBehind();
        sendWithoutChanges(departure, hold);
        // Whoever waited gets in, and what is too large for a turn is sent.
        int unused = sendSome(departure, options.sender, hold / 4, Long.MAX_VALUE);
        hold = Math.min(2 * hold, mostHeld());
      }
    }
  }

  private boolean tooMuchIsLeft(Departure departure) {
    return departure.mustCompare()
        || departure.changedCount() > pace.within(mostHeld())
        || bytesLeft(departure) > options.limits.lastBytes;
  }

  /** Half of the time is for changes that are under way when others begin to wait. */
  private long mostHeld() {
    return options.limits.sealed.toNanos() / 2;
  }

  /** Sends for so long while changes of what leaves wait. */
  private void sendWithoutChanges(Departure departure, long nanos) {
    long begin = options.ticker.getAsLong();
    options.gate.shut(departure.scope());
    try {
      CopySender quick = options.sender.within(options.limits.sealed);
      long left = nanos;
      while (departure.changedCount() > 0 && left > 0) {
        if (sendSome(departure, quick, left, options.limits.lastBytes) == 0) {
          break;
        }
        left = nanos - (options.ticker.getAsLong() - begin);
      }
    } finally {
      options.gate.open();
      options.metrics.gated(options.ticker.getAsLong() - begin);
    }
  }

  /**
   * Sends some of what was changed: none after that time, and none from the first on that is larger
   * than that.
   *
   * @return how many keys were sent
   */
  private int sendSome(Departure departure, CopySender sender, long nanos, long largest) {
    List<BlobKey> keys = departure.takeChanged();
    long begin = options.ticker.getAsLong();
    int sent = 0;
    try {
      for (BlobKey key : keys) {
        boolean late = sent > 0 && options.ticker.getAsLong() - begin > nanos;
        if (late || largest < Long.MAX_VALUE && sizeOf(key) > largest) {
          break;
        }
        requireWanted(departure);
        sendOne(departure, key, sender);
        sent++;
      }
    } finally {
      // Whatever may not have come is sent again.
      keys.subList(sent, keys.size()).forEach(departure::changed);
    }
    pace.sent(sent, options.ticker.getAsLong() - begin);
    return sent;
  }

  private void sendOne(Departure departure, BlobKey key, CopySender sender) {
    Optional<OwnershipChange.Route> route =
        departure.change().routeOf(key, ownership).filter(found -> found.from().equals(self));
    if (route.isPresent()) {
      departure.sent(sender.send(route.get().to(), departure.session(), key));
    }
  }

  // ---- sealing ---------------------------------------------------------------------------------

  /**
   * Holds back changes of what leaves, and sends the last of them; when it returns the receivers
   * have everything, and nothing changes until the entry has a later version.
   *
   * @throws WarehouseException where that cannot be done now; changes go on then
   */
  NodeMoves.Done seal(NodeMoves.Seal command) {
    Departure departure = current;
    if (departure != null
        && departure.plan().equals(command.plan())
        && departure.sealed()
        && departure.change().expected() == command.expected()) {
      return new NodeMoves.Done();
    }
    takeUpWork();
    try {
      seal(requireSealable(command), breaksOff(command));
      return new NodeMoves.Done();
    } finally {
      work.unlock();
    }
  }

  /** Waits for who sends what was just changed, which does not take long once all is copied. */
  private void takeUpWork() {
    try {
      if (!work.tryLock(options.limits.quiet.toNanos(), TimeUnit.NANOSECONDS)) {
        throw PlanErrors.notNow("node " + self + " is still copying");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw PlanErrors.notNow("interrupted");
    }
  }

  private static boolean breaksOff(NodeMoves.Seal command) {
    return command.breaksOff().orElse(false);
  }

  private Departure requireSealable(NodeMoves.Seal command) {
    Departure departure = current;
    if (departure == null
        || !departure.plan().equals(command.plan())
        || !departure.caughtUp()
        || departure.sealed()
        || departure.change().expected() != command.expected()) {
      throw PlanErrors.notNow("node " + self + " has not copied everything yet");
    }
    if (!isWithoutCopies(departure)) {
      throw PlanErrors.notNow("other nodes may still serve copies of what node " + self + " owns");
    }
    if (ownership.version(departure.change().address()) != command.expected()) {
      throw PlanErrors.notNow("node " + self + " knows of another table");
    }
    if (!breaksOff(command)
        && options.gate.eldestNanos(departure.scope()) > options.limits.quiet.toNanos()) {
      throw PlanErrors.notNow("a long write of what moves is under way on node " + self);
    }
    return departure;
  }

  private void seal(Departure departure, boolean breaksOff) {
    long begin = options.ticker.getAsLong();
    boolean sealed = false;
    try {
      if (tooMuchIsLeft(departure)) {
        sendWithoutChanges(departure, mostHeld());
      }
      options.gate.shut(departure.scope());
      if (!isQuiet(departure, breaksOff)) {
        throw PlanErrors.notNow("writes of what moves did not end on node " + self);
      }
      requireLittle(departure);
      CopySender quick = options.sender.within(options.limits.sealed);
      while (departure.changedCount() > 0 || departure.mustCompare()) {
        int unusedSent = sendSome(departure, quick, Long.MAX_VALUE, Long.MAX_VALUE);
      }
      MoveRecords.Departure record = closeReceivers(departure, quick);
      options.records.keep(record);
      synchronized (sealLock) {
        departure.seal(record, options.ticker.getAsLong());
        options.gate.shutAsking(departure.scope());
      }
      sealed = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw PlanErrors.notNow("interrupted");
    } catch (WarehouseException e) {
      hold(departure, e);
      throw e;
    } finally {
      if (!sealed) {
        boolean unused = departure.interrupt("changes could not be held back");
        departure.allowCopies();
        options.gate.open();
        options.metrics.gated(options.ticker.getAsLong() - begin);
      }
    }
  }

  /** Waits until no change of what leaves is under way, though not for long. */
  private boolean isQuiet(Departure departure, boolean breaksOff) throws InterruptedException {
    long nanos = options.limits.quiet.toNanos();
    if (!breaksOff) {
      return options.gate.awaitQuiet(departure.scope(), nanos);
    }
    if (options.gate.awaitQuiet(departure.scope(), nanos / 2)) {
      return true;
    }
    options.gate.breakOff(departure.scope());
    return options.gate.awaitQuiet(departure.scope(), nanos / 2);
  }

  /** A large blob that was just written is sent before others wait for it. */
  private void requireLittle(Departure departure) {
    if (tooMuchIsLeft(departure)) {
      throw PlanErrors.notNow(
          "%d keys of %d bytes were written just now on node %s"
              .formatted(departure.changedCount(), bytesLeft(departure), self));
    }
  }

  private long bytesLeft(Departure departure) {
    return departure.changed().stream().mapToLong(this::sizeOf).sum();
  }

  private long sizeOf(BlobKey key) {
    return options.copies.find(key).map(manifest -> manifest.size()).orElse(0L);
  }

  private MoveRecords.Departure closeReceivers(Departure departure, CopySender sender) {
    List<NodeMoves.Amount> amounts =
        departure.targets(self).stream()
            .flatMap(
                target -> NodeMoves.Amount.of(sender.close(target, departure.session())).stream())
            .toList();
    return new MoveRecords.Departure(
        departure.plan(), departure.change().kind(), departure.change().toText(), amounts);
  }

  // ---- the end of a seal -----------------------------------------------------------------------

  /** Ends a seal where this node knows of a later version; asks nobody. */
  void settleKnown() {
    Departure departure = current;
    if (departure != null
        && departure.sealed()
        && ownership.version(departure.change().address()) > departure.change().expected()) {
      end(departure);
    }
  }

  /** Ends a seal where this node knows of a later version; takes it back where none comes. */
  void settle() {
    Departure departure = current;
    if (departure == null || !departure.sealed()) {
      return;
    }
    if (ownership.version(departure.change().address()) > departure.change().expected()) {
      end(departure);
      return;
    }
    boolean late =
        options.ticker.getAsLong() - departure.sealedAt() > options.limits.sealed.toNanos();
    if (late) {
      takeBack(departure);
    }
    try {
      Waiting.on(ownership.refresh(), options.limits.agreement);
    } catch (WarehouseException e) {
      LOG.log(System.Logger.Level.DEBUG, "who owns what is not known; changes go on waiting", e);
      return;
    }
    if (ownership.version(departure.change().address()) > departure.change().expected()) {
      end(departure);
    }
  }

  /** Puts the entry as it is: no replacement that is still on its way can be applied then. */
  private void takeBack(Departure departure) {
    OwnershipChange change = departure.change();
    LOG.log(
        System.Logger.Level.INFO,
        "keys of plan {0} are still here; their changes go on",
        departure.plan());
    try {
      new AgreedEntries(options.coordinator, options.limits.agreement).fence(change);
    } catch (WarehouseException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "whether keys have left this node is not known; their changes wait until it is");
    }
  }

  private void end(Departure departure) {
    boolean unsure;
    synchronized (sealLock) {
      MoveRecords.Departure record = departure.record();
      if (record == null) {
        return;
      }
      boolean stays = departure.change().undone(ownership);
      unsure = !stays && (departure.restored() || !departure.change().inForce(ownership));
      if (!stays) {
        MoveRecords.Leftover leftover =
            new MoveRecords.Leftover(
                record.plan(),
                record.kind(),
                departure.change().toText(),
                options.clock.instant().plus(options.limits.grace));
        options.arrivals.left(leftover, unsure ? Map.of() : NodeMoves.Amount.sum(record.amounts()));
        options.gate.listen(key -> {});
        current = null;
      }
      departure.allowCopies();
      options.records.forget(record.key());
      options.metrics.gated(options.ticker.getAsLong() - departure.sealedAt());
      departure.unseal();
      options.gate.open();
    }
    if (unsure) {
      options.arrivals.recount();
    } else {
      options.arrivals.expectCopies();
    }
  }
}
