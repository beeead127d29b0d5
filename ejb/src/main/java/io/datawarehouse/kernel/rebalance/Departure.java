package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.heat.LeasePlace;
import io.datawarehouse.kernel.heat.ReadCopies;
import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What leaves this node for one plan, and how far that is. Whoever copies or seals has it for
 * itself; what others ask of it is thread-safe.
 */
final class Departure {

  private static final int MOST_CHANGED = 100_000;
  private static final int TAKEN_AT_ONCE = 64;

  private final String plan;
  private final Function<OwnershipChange, Predicate<BlobKey>> scopes;
  private final DirtyKeys changed = new DirtyKeys(MOST_CHANGED);
  private final Map<NodeId, String> tokens = new HashMap<>();
  private final AtomicLong blobs = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private volatile OwnershipChange change;
  private volatile Predicate<BlobKey> scope;
  private volatile NodeMoves.@Nullable Session session;

  /** Whether everything was compared once, and the receivers have lost nothing since. */
  private volatile boolean complete;

  /** Whether a session is open. */
  private volatile boolean ready;

  private volatile boolean caughtUp;
  private volatile @Nullable String failed;
  private volatile @Nullable String problem;
  private volatile MoveRecords.@Nullable Departure record;
  private volatile long sealedAt;
  private volatile boolean restored;

  /** Keeps others from serving copies of what leaves. */
  private volatile ReadCopies.@Nullable Pause pause;

  /**
   * Makes a departure that has not begun.
   *
   * @param scopes tells which keys leave this node by a change
   */
  Departure(
      String plan, OwnershipChange change, Function<OwnershipChange, Predicate<BlobKey>> scopes) {
    this.plan = plan;
    this.change = change;
    this.scopes = scopes;
    this.scope = scopes.apply(change);
  }

  String plan() {
    return plan;
  }

  OwnershipChange change() {
    return change;
  }

  Predicate<BlobKey> scope() {
    return scope;
  }

  /**
   * Takes over the change as it is now, for a later version of the entry. Where less moves by it
   * than before, the receivers must hear of that, in another session.
   */
  void follow(OwnershipChange newer) {
    boolean less = !newer.movesLike(change);
    change = newer;
    if (less) {
      scope = scopes.apply(newer);
      allowCopies();
      boolean unused = interrupt("less of it moves than before");
    }
  }

  List<NodeId> targets(NodeId self) {
    return change.routes().stream()
        .filter(route -> route.from().equals(self))
        .map(OwnershipChange.Route::to)
        .toList();
  }

  // ---- sessions --------------------------------------------------------------------------------

  NodeMoves.Session session() {
    NodeMoves.Session open = session;
    if (open == null) {
      throw new IllegalStateException("no session was begun");
    }
    return open;
  }

  /** Begins the next session: its number is later than any of an earlier run of this node. */
  void nextSession(NodeId self, long now) {
    NodeMoves.Session before = session;
    long number = before == null ? now : Math.max(now, before.number() + 1);
    session = new NodeMoves.Session(plan, self, number);
  }

  void opened(NodeId target, String token) {
    String before = tokens.put(target, token);
    complete &= token.equals(before);
    ready = true;
  }

  boolean ready() {
    return ready;
  }

  /** Returns whether all versions must be compared, because the receivers may lack some. */
  boolean mustCompare() {
    return !complete || changed.overflowed();
  }

  /** Forgets what was changed before: it is about to be compared. */
  void comparing() {
    complete = false;
    changed.clear();
  }

  void compared() {
    complete = true;
  }

  // ---- changes ---------------------------------------------------------------------------------

  void changed(BlobKey key) {
    if (scope.test(key)) {
      changed.add(key);
    }
  }

  List<BlobKey> takeChanged() {
    if (changed.overflowed()) {
      throw PlanErrors.notNow("too much was changed meanwhile; all is compared again");
    }
    return changed.take(TAKEN_AT_ONCE);
  }

  int changedCount() {
    return changed.size();
  }

  /** Returns all keys that were changed, without taking them. */
  List<BlobKey> changed() {
    List<BlobKey> all = changed.take(Integer.MAX_VALUE);
    all.forEach(changed::add);
    return all.stream().filter(scope).toList();
  }

  void sent(long size) {
    if (size >= 0) {
      blobs.incrementAndGet();
      bytes.addAndGet(size);
    }
  }

  // ---- how far it is ---------------------------------------------------------------------------

  void isCaughtUp() {
    caughtUp = true;
    problem = null;
  }

  /** Says that there is more to send again than can be sent while changes wait. */
  void fallsBehind() {
    caughtUp = false;
  }

  /**
   * Has no other node get a lease on what leaves.
   *
   * @return whether none runs any more
   */
  boolean withoutCopies(ReadCopies copies) {
    ReadCopies.Pause present = pause;
    if (present == null) {
      List<LeasePlace> places = new ArrayList<>();
      change.leavingSegments().forEach(segment -> places.add(LeasePlace.hashed(segment)));
      change.bucket().ifPresent(bucket -> places.add(LeasePlace.own(bucket)));
      present = copies.pause(places);
      pause = present;
    }
    return present.remaining() == 0;
  }

  /** Lets others have leases again. */
  void allowCopies() {
    ReadCopies.Pause present = pause;
    pause = null;
    if (present != null) {
      present.close();
    }
  }

  boolean caughtUp() {
    return caughtUp;
  }

  /**
   * Goes on later, in another session: how what is under way ends is not known.
   *
   * @return whether the reason is another one than before
   */
  boolean interrupt(String why) {
    boolean news = !why.equals(problem);
    caughtUp = false;
    ready = false;
    problem = why;
    return news;
  }

  void fail(String why) {
    caughtUp = false;
    failed = why;
  }

  Optional<String> failed() {
    return Optional.ofNullable(failed);
  }

  void seal(MoveRecords.Departure sealing, long at) {
    sealedAt = at;
    record = sealing;
  }

  boolean sealed() {
    return record != null;
  }

  MoveRecords.@Nullable Departure record() {
    return record;
  }

  long sealedAt() {
    return sealedAt;
  }

  /** Says that it was sealed before a restart. */
  void restore() {
    restored = true;
  }

  boolean restored() {
    return restored;
  }

  void unseal() {
    record = null;
    boolean unused = interrupt("ownership did not change");
  }

  NodeMoves.Progress progress() {
    return new NodeMoves.Progress(
        caughtUp,
        sealed(),
        blobs.get(),
        bytes.get(),
        Optional.ofNullable(failed),
        Optional.ofNullable(problem));
  }
}
