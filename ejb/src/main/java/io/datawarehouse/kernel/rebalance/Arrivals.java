package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.blob.BlobCopies;
import io.datawarehouse.kernel.blob.ForeignCopies;
import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.kernel.sharding.ShardOwnership;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Takes the copies that come to this node, and drops those that are not its own any more.
 * Thread-safe.
 *
 * <p>Copies lie in the store like all blobs and are not shown, because the node does not own their
 * keys. They become its own at the stroke at which ownership changes. What is dropped is never what
 * the node owns, nor what is just coming; so that this cannot change meanwhile, a session is opened
 * and copies are dropped under one lock.
 */
final class Arrivals {

  /**
   * What it works with.
   *
   * @param self this node
   * @param ownership who owns what
   * @param copies gives and takes versions
   * @param foreign counts what others own
   * @param plans the plans
   * @param records what must not be forgotten
   * @param clock tells when copies may go
   * @param limit how long an agreement may take
   * @param metrics counts
   * @param descriptor what this node says of itself; empty where the cluster does not know it
   */
  record Options(
      NodeId self,
      ShardOwnership ownership,
      BlobCopies copies,
      ForeignCopies foreign,
      AgreedPlans plans,
      MoveRecords records,
      Clock clock,
      Duration limit,
      MovesMetrics metrics,
      Supplier<Optional<NodeDescriptor>> descriptor) {}

  private static final System.Logger LOG = System.getLogger(Arrivals.class.getName());
  private static final int PAGE = 256;

  private final Options options;
  private final NodeId self;
  private final ShardOwnership ownership;
  private final BlobCopies copies;
  private final Map<String, Reception> receptions = new ConcurrentHashMap<>();

  /** Held while a session is opened, and while copies are dropped or counted. */
  private final Object storeLock = new Object();

  /** By what the last copies went that must not be here, by leftover. */
  private final Map<String, String> swept = new ConcurrentHashMap<>();

  private volatile boolean counted;

  Arrivals(Options options) {
    this.options = options;
    this.self = options.self;
    this.ownership = options.ownership;
    this.copies = options.copies;
    expectCopies();
    this.counted = options.records.isEmpty();
  }

  /** Says to others whether copies may be here that are not this node's. */
  void expectCopies() {
    options.foreign.expect(!options.records.isEmpty());
  }

  // ---- sessions --------------------------------------------------------------------------------

  NodeMoves.Opened open(NodeMoves.Session session) {
    AgreedPlans.Agreed agreed =
        options
            .plans
            .latestWork(session.plan())
            .orElseThrow(() -> PlanErrors.noSuchPlan(session.plan()));
    if (!agreed.plan().state().active()) {
      throw PlanErrors.conflict("plan '" + session.plan() + "' is " + agreed.plan().state());
    }
    Waiting.on(ownership.refresh(), options.limit);
    OwnershipChange change = agreed.change();
    if (change.inForce(ownership)
        || !change.routes().contains(new OwnershipChange.Route(session.source(), self))) {
      throw PlanErrors.conflict("nothing of plan '" + session.plan() + "' comes here from there");
    }
    synchronized (storeLock) {
      requireCounted();
      MoveRecords.Arrival record =
          new MoveRecords.Arrival(session.plan(), session.source(), change.kind(), change.toText());
      Reception reception = receptions.get(record.key());
      if (reception != null && !reception.change().movesLike(change)) {
        setAside(reception, session.number());
        reception = null;
      }
      if (reception == null) {
        options.records.keep(record);
        expectCopies();
        reception = receive(record, change);
      }
      return new NodeMoves.Opened(reception.open(session.number(), change));
    }
  }

  /**
   * Ends a reception of which less is to come than before, and has what is not to come dropped; the
   * rest is taken over by the next one, and compared. Holds the lock.
   */
  private void setAside(Reception reception, long session) {
    MoveRecords.Arrival record = reception.record();
    receptions.remove(record.key(), reception);
    Map<BucketName, BucketUsage> unused = reception.end();
    options.records.keep(
        new MoveRecords.Leftover(
            record.plan() + "." + record.source() + "." + session,
            record.kind(),
            reception.change().toText(),
            options.clock.instant()));
    recount();
  }

  private void requireCounted() {
    if (!counted) {
      throw PlanErrors.notNow("the node is still counting what earlier plans left on it");
    }
  }

  private Reception receive(MoveRecords.Arrival record, OwnershipChange change) {
    Reception reception =
        new Reception(record, change, UUID.randomUUID().toString(), count(scopeOf(record, change)));
    receptions.put(record.key(), reception);
    return reception;
  }

  private Predicate<BlobKey> scopeOf(MoveRecords.Arrival record, OwnershipChange change) {
    OwnershipChange.Route route = new OwnershipChange.Route(record.source(), self);
    return key -> change.routeOf(key, ownership).filter(route::equals).isPresent();
  }

  private Reception of(NodeMoves.Session session) {
    Reception reception =
        receptions.get(new MoveRecords.Arrival(session.plan(), session.source(), "", "").key());
    if (reception == null) {
      throw PlanErrors.notNow("no copies of plan '" + session.plan() + "' are expected here");
    }
    return reception;
  }

  // ---- copies ----------------------------------------------------------------------------------

  NodeMoves.Missing compare(NodeMoves.Compare part) {
    Reception reception = of(part.session());
    Map<String, BlobManifest> wanted = new TreeMap<>();
    part.manifests().forEach(manifest -> wanted.put(manifest.key(), manifest));
    Set<String> missing = new HashSet<>(wanted.keySet());
    Predicate<BlobKey> scope = scopeOf(reception.record(), reception.change());
    if (!wanted.isEmpty()) {
      copies.requireBucket(part.bucket());
    }
    String after = part.after();
    boolean more = true;
    while (more) {
      BlobCopies.Page page = copies.page(part.bucket(), after, part.upTo(), scope, PAGE);
      for (BlobManifest here : page.manifests()) {
        BlobManifest there = wanted.get(here.key());
        if (there == null) {
          remove(reception, part.session().number(), here.blobKey());
        } else if (BlobCopies.same(here, there)) {
          missing.remove(here.key());
        }
      }
      more = page.next().isPresent();
      after = page.next().orElse(after);
    }
    return new NodeMoves.Missing(List.copyOf(missing));
  }

  NodeMoves.Done store(NodeMoves.Store command, Content content) {
    Reception reception = of(command.session());
    BlobManifest manifest = command.manifest();
    requireScope(reception, manifest.blobKey());
    copies.requireBucket(manifest.bucket());
    copies.store(
        manifest,
        content,
        reception.guard(command.session().number()),
        replaced -> {
          long blobs = replaced.isPresent() ? 0 : 1;
          long bytes = manifest.size() - replaced.map(BlobManifest::size).orElse(0L);
          book(reception, manifest.bucket(), blobs, bytes);
        });
    return new NodeMoves.Done();
  }

  NodeMoves.Done remove(NodeMoves.Remove command) {
    Reception reception = of(command.session());
    BlobKey key = new BlobKey(command.bucket(), command.key());
    requireScope(reception, key);
    remove(reception, command.session().number(), key);
    return new NodeMoves.Done();
  }

  private void remove(Reception reception, long session, BlobKey key) {
    copies.remove(
        key,
        reception.guard(session),
        removed -> book(reception, key.bucket(), -1, -removed.size()));
  }

  private void book(Reception reception, BucketName bucket, long blobs, long bytes) {
    reception.book(bucket, blobs, bytes);
    options.foreign.book(bucket, blobs, bytes);
  }

  private void requireScope(Reception reception, BlobKey key) {
    if (!scopeOf(reception.record(), reception.change()).test(key)) {
      throw PlanErrors.conflict("'" + key + "' does not come here from there");
    }
  }

  NodeMoves.Closed close(NodeMoves.Session session) {
    return new NodeMoves.Closed(NodeMoves.Amount.of(of(session).close(session.number())));
  }

  // ---- what becomes of copies ------------------------------------------------------------------

  /** Lets copies become the node's own, or leftovers, where that has been agreed on. */
  void settle() {
    if (!counted) {
      recover();
    }
    receptions.values().forEach(this::settle);
  }

  /** Lets copies become the node's own where it knows that they are; asks nobody. */
  void settleKnown() {
    receptions.values().stream()
        .filter(reception -> reception.change().inForce(ownership))
        .forEach(this::takeOver);
  }

  private void takeOver(Reception reception) {
    synchronized (storeLock) {
      if (receptions.remove(reception.record().key(), reception)) {
        options.foreign.changeHands(reception.end(), true);
        options.records.forget(reception.record().key());
        expectCopies();
        LOG.log(
            System.Logger.Level.INFO,
            "keys of plan {0} are here from node {1}",
            reception.record().plan(),
            reception.record().source());
      }
    }
  }

  private void settle(Reception reception) {
    if (reception.change().inForce(ownership)) {
      takeOver(reception);
      return;
    }
    boolean over =
        options
            .plans
            .findWork(reception.record().plan())
            .map(a -> !a.plan().state().active())
            .orElse(true);
    if (over && isOver(reception)) {
      giveUp(reception);
    }
  }

  /** Asks whether a plan is over without having come true, for this node's part. */
  private boolean isOver(Reception reception) {
    Optional<AgreedPlans.Agreed> latest = options.plans.latestWork(reception.record().plan());
    if (latest.isPresent() && latest.get().plan().state().active()) {
      return false;
    }
    Waiting.on(ownership.refresh(), options.limit);
    return !reception.change().inForce(ownership);
  }

  private void giveUp(Reception reception) {
    MoveRecords.Arrival record = reception.record();
    synchronized (storeLock) {
      if (!receptions.remove(record.key(), reception)) {
        return;
      }
      Map<BucketName, BucketUsage> unused = reception.end();
      options.records.keep(
          new MoveRecords.Leftover(
              record.plan() + "." + record.source(),
              record.kind(),
              reception.change().toText(),
              options.clock.instant()));
      options.records.forget(record.key());
      recount();
    }
  }

  /** Returns whether a key is just coming. */
  private boolean isComing(BlobKey key) {
    return receptions.values().stream()
        .anyMatch(each -> scopeOf(each.record(), each.change()).test(key));
  }

  private boolean isOurs(BlobKey key) {
    return ownership.owner(key).map(self::equals).orElse(true);
  }

  /** Drops copies whose time has come, and those that a rule forbids, a few at a time. */
  void dropLeftovers() {
    for (MoveRecords.Leftover leftover : options.records.leftovers()) {
      if (!counted) {
        continue;
      }
      if (options.clock.instant().isBefore(leftover.due())) {
        sweep(leftover);
        continue;
      }
      Waiting.on(ownership.refresh(), options.limit);
      OwnershipChange change = options.records.changeOf(leftover.kind(), leftover.change());
      if (drop(change, bucketsOf(change), key -> true)) {
        options.records.forget(leftover.key());
        swept.remove(leftover.key());
        expectCopies();
      }
    }
  }

  /**
   * Drops what must not be here at all, whenever its time comes: their owner has it. Once for each
   * state of what is agreed on, as it goes through all that is stored.
   */
  private void sweep(MoveRecords.Leftover leftover) {
    OwnershipChange change = options.records.changeOf(leftover.kind(), leftover.change());
    String stamp = ownership.stamp(change.bucket());
    if (stamp.equals(swept.get(leftover.key()))) {
      return;
    }
    Waiting.on(ownership.refresh(), options.limit);
    Optional<NodeDescriptor> here = options.descriptor.get();
    if (here.filter(node -> dropForbidden(change, node)).isPresent()) {
      swept.put(leftover.key(), stamp);
    }
  }

  private boolean dropForbidden(OwnershipChange change, NodeDescriptor here) {
    return drop(
        change,
        bucketsOf(change).stream().filter(one -> ownership.forbidsSome(here, one)).toList(),
        key -> ownership.forbids(here, key));
  }

  /**
   * Drops some of what is left of a change.
   *
   * @return whether nothing is left that would have to go later
   */
  private boolean drop(OwnershipChange change, List<BucketName> buckets, Predicate<BlobKey> which) {
    boolean all = true;
    for (BucketName bucket : buckets) {
      String after = "";
      boolean more = true;
      while (more) {
        synchronized (storeLock) {
          BlobCopies.Page page =
              copies.page(
                  bucket,
                  after,
                  Optional.empty(),
                  key -> which.test(key) && change.mayLeave(key, self, ownership) && !isOurs(key),
                  PAGE);
          for (BlobManifest manifest : page.manifests()) {
            all &= dropUnlessComing(manifest.blobKey());
          }
          more = page.next().isPresent();
          after = page.next().orElse(after);
        }
      }
    }
    return all;
  }

  private boolean dropUnlessComing(BlobKey key) {
    if (isComing(key) || isOurs(key)) {
      return false;
    }
    copies.remove(
        key,
        Reception.NO_GUARD,
        removed -> {
          options.foreign.book(key.bucket(), -1, -removed.size());
          options.metrics.dropped();
        });
    return true;
  }

  private List<BucketName> bucketsOf(OwnershipChange change) {
    return change.bucket().map(List::of).orElseGet(copies::buckets);
  }

  // ---- counting --------------------------------------------------------------------------------

  /** After a start: counts what there is, and remembers what was coming. */
  private void recover() {
    if (ownership.table().isEmpty()) {
      return;
    }
    synchronized (storeLock) {
      String stamp;
      do {
        stamp = ownership.stamp(Optional.empty());
        receptions.clear();
        recount();
        options.records.arrivals().forEach(this::recover);
      } while (!stamp.equals(ownership.stamp(Optional.empty())));
      counted = true;
    }
  }

  private void recover(MoveRecords.Arrival record) {
    OwnershipChange change = options.records.changeOf(record.kind(), record.change());
    if (change.inForce(ownership)) {
      options.records.forget(record.key());
    } else {
      Reception unused = receive(record, change);
    }
  }

  /** Counts what others own, again where ownership changes meanwhile. Holds the lock. */
  void recount() {
    synchronized (storeLock) {
      String stamp;
      do {
        stamp = ownership.stamp(Optional.empty());
        // What has come true is counted as this node's, and must not be booked as such once more.
        settleKnown();
        options.foreign.counted(count(key -> !isOurs(key)));
      } while (!stamp.equals(ownership.stamp(Optional.empty())));
      expectCopies();
    }
  }

  private Map<BucketName, BucketUsage> count(Predicate<BlobKey> scope) {
    Map<BucketName, BucketUsage> usage = new TreeMap<>();
    for (BucketName bucket : copies.buckets()) {
      String after = "";
      boolean more = true;
      while (more) {
        BlobCopies.Page page = copies.page(bucket, after, Optional.empty(), scope, PAGE);
        for (BlobManifest manifest : page.manifests()) {
          usage.merge(
              bucket,
              new BucketUsage(1, manifest.size()),
              (one, other) ->
                  new BucketUsage(
                      one.blobCount() + other.blobCount(), one.bytes() + other.bytes()));
        }
        more = page.next().isPresent();
        after = page.next().orElse(after);
      }
    }
    return usage;
  }

  /** Books copies that stay here for a while after their keys have left. */
  void left(MoveRecords.Leftover leftover, Map<BucketName, BucketUsage> amounts) {
    synchronized (storeLock) {
      options.records.keep(leftover);
      options.foreign.changeHands(amounts, false);
      expectCopies();
    }
  }

  static WarehouseException over(String plan) {
    return PlanErrors.conflict("a later session of plan '" + plan + "' is open, or none");
  }
}
