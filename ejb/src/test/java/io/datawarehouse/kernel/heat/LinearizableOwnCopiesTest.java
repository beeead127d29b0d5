package io.datawarehouse.kernel.heat;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.heat.CopyShelf.Copy;
import io.datawarehouse.kernel.heat.CopyShelf.Fetch;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/**
 * The same for a bucket's own segments, whose keys lie with two owners at once, each of which gives
 * leases of all that it has of the bucket. Keys move between them as plans have them move, while
 * holders hear of it late; owners die and come back, and what a dead one had falls to the other.
 */
class LinearizableOwnCopiesTest {

  private static final LeasePlace PLACE = LeasePlace.own(new BucketName("bucket"));
  private static final int RUNS = 100;

  @Test
  void noReadIsOlderThanWhatWasSeenBefore() {
    Totals totals = new Totals();
    for (int seed = 1; seed <= RUNS; seed++) {
      new World(seed, totals).run();
    }
    // It must have been about something.
    assertThat(totals.hits).as("reads from copies").isGreaterThan(10_000);
    assertThat(totals.kept).as("copies kept").isGreaterThan(1_000);
    assertThat(totals.commits).as("commits").isGreaterThan(1_000);
    assertThat(totals.moves).as("keys that moved").isGreaterThan(100);
    assertThat(totals.deaths).as("owners that died").isGreaterThan(100);
    assertThat(totals.refused).as("questions to who owned the key before").isGreaterThan(100);
  }

  private static final class Totals {
    private long hits;
    private long kept;
    private long commits;
    private long moves;
    private long deaths;
    private long refused;
  }

  private static final class World extends CopiesWorld {

    private final Totals totals;
    private final List<NodeId> names = List.of(new NodeId("one"), new NodeId("two"));
    private final Map<NodeId, Owner> owners = new HashMap<>();
    private final Map<BlobKey, NodeId> truth = new HashMap<>();
    private final List<Holder> holders = new ArrayList<>();
    private int lives;

    World(int seed, Totals totals) {
      super(seed);
      this.totals = totals;
      names.forEach(name -> owners.put(name, new Owner(name)));
      KEYS.forEach(key -> truth.put(key, names.get(random.nextInt(2))));
      for (int i = 0; i < 3; i++) {
        holders.add(new Holder(new NodeId("holder-" + i)));
      }
      names.forEach(this::welcome);
    }

    void run() {
      for (Holder holder : holders) {
        for (NodeId name : names) {
          after(millis(0, 300), () -> holder.renew(name));
        }
        after(millis(0, 300), () -> readAt(holder));
        after(millis(500, 5_000), holder::freeze);
      }
      after(millis(0, 300), this::judge);
      after(millis(0, 300), this::write);
      after(millis(0, 300), this::readAtOwner);
      after(millis(1_000, 5_000), this::move);
      after(millis(3_000, 15_000), this::die);
      play();
    }

    // ---- owners ---------------------------------------------------------------------------------

    private final class Owner {
      private final NodeId id;
      private final LongSupplier clock = clock();
      private final LeaseBook book = new LeaseBook(LEASE, clock, "life-" + lives++);
      private final Map<BlobKey, Integer> changing = new HashMap<>();
      private boolean gone;

      Owner(NodeId id) {
        this.id = id;
      }

      boolean owns(BlobKey key) {
        return !gone && truth.get(key).equals(id);
      }
    }

    /** Whoever judges what is hot does not know what moves. */
    private void judge() {
      after(millis(100, 400), this::judge);
      names.forEach(this::welcome);
    }

    private void welcome(NodeId name) {
      current(name).book.welcome(PLACE, holders.stream().map(holder -> holder.id).toList());
    }

    private Owner current(NodeId name) {
      return owners.get(name);
    }

    private NodeId other(NodeId name) {
      return names.get(names.get(0).equals(name) ? 1 : 0);
    }

    /** An owner dies. It comes back with its keys, or the other one has got them meanwhile. */
    private void die() {
      after(millis(2_000, 15_000), this::die);
      totals.deaths++;
      NodeId name = names.get(random.nextInt(2));
      current(name).gone = true;
      owners.put(name, new Owner(name));
      welcome(name);
      if (chance(0.5)) {
        KEYS.stream()
            .filter(key -> truth.get(key).equals(name))
            .forEach(key -> tell(key, other(name)));
        current(other(name)).book.acquired(PLACE);
      }
    }

    private void tell(BlobKey key, NodeId owner) {
      truth.put(key, owner);
      holders.forEach(
          holder ->
              after(
                  millis(0, 5_000),
                  () -> holder.awake(() -> holder.known.put(key, truth.get(key)))));
    }

    /** Leases are waited for, and what is under way; then the key is the other's. */
    private void move() {
      after(millis(500, 5_000), this::move);
      BlobKey key = anyKey();
      Owner from = current(truth.get(key));
      long until = from.clock.getAsLong() + from.book.pause(PLACE);
      moveWhenFree(key, from, until);
    }

    private void moveWhenFree(BlobKey key, Owner from, long until) {
      boolean waits = from.clock.getAsLong() - until < 0 || from.changing.containsKey(key);
      if (!from.gone && from.owns(key) && waits) {
        after(millis(1, 20), () -> moveWhenFree(key, from, until));
        return;
      }
      if (from.owns(key)) {
        totals.moves++;
        tell(key, other(from.id));
        current(other(from.id)).book.acquired(PLACE);
      }
      from.book.resume(PLACE);
    }

    private void write() {
      after(millis(5, 400), this::write);
      BlobKey key = anyKey();
      Owner at = current(truth.get(key));
      at.changing.merge(key, 1, Integer::sum);
      LeaseBook.Change change = at.book.begin(key, PLACE);
      for (NodeId told : change.waitingFor()) {
        Holder holder = holder(told);
        message(
            () ->
                holder.awake(
                    () -> {
                      holder.shelf.drop(key);
                      message(
                          () -> {
                            if (!at.gone) {
                              change.answered(told);
                            }
                          });
                    }));
      }
      after(millis(0, 5), () -> tryCommit(at, change));
    }

    private void tryCommit(Owner at, LeaseBook.Change change) {
      if (!at.owns(change.key())) {
        end(at, change);
      } else if (change.remaining() > 0) {
        after(millis(1, 20), () -> tryCommit(at, change));
      } else {
        after(millis(0, 30), () -> commit(at, change));
      }
    }

    private void commit(Owner at, LeaseBook.Change change) {
      if (!at.owns(change.key())) {
        end(at, change);
        return;
      }
      totals.commits++;
      int version = store.merge(change.key(), 1, Integer::sum);
      after(
          millis(0, 30),
          () -> {
            if (!at.gone) {
              end(at, change);
              saw(change.key(), version);
            }
          });
    }

    private void end(Owner at, LeaseBook.Change change) {
      change.close();
      at.changing.computeIfPresent(change.key(), (same, count) -> count == 1 ? null : count - 1);
    }

    // ---- readers --------------------------------------------------------------------------------

    private void readAtOwner() {
      after(millis(1, 100), this::readAtOwner);
      BlobKey key = anyKey();
      reader(key, "the owner").accept(store.get(key));
    }

    private void readAt(Holder holder) {
      after(millis(1, 60), () -> readAt(holder));
      BlobKey key = anyKey();
      Consumer<Integer> reader = reader(key, holder.id.value());
      holder.awake(() -> holder.read(key, reader));
    }

    private Holder holder(NodeId id) {
      return holders.stream().filter(each -> each.id.equals(id)).findFirst().orElseThrow();
    }

    private final class Holder {
      private final NodeId id;
      private final LongSupplier clock = clock();
      private final CopyShelf shelf = new CopyShelf(clock, 1 << 20);
      private final Map<BlobKey, NodeId> known = new HashMap<>(truth);
      private final Map<NodeId, Integer> calls = new HashMap<>();
      private long frozenUntil;

      Holder(NodeId id) {
        this.id = id;
      }

      void awake(Runnable work) {
        if (now() < frozenUntil) {
          after(frozenUntil - now(), () -> awake(work));
        } else {
          work.run();
        }
      }

      void freeze() {
        frozenUntil = now() + millis(100, 4_000);
        after(millis(4_000, 12_000), this::freeze);
      }

      void renew(NodeId name) {
        after(millis(300, 700), () -> awake(() -> renew(name)));
        Owner at = current(name);
        int call = calls.merge(name, 1, Integer::sum);
        long askedAt = clock.getAsLong();
        message(
            () -> {
              Optional<LeaseBook.Grant> grant = at.gone ? Optional.empty() : at.book.ask(id, PLACE);
              message(
                  () ->
                      awake(
                          () -> {
                            if (call == calls.getOrDefault(name, 0)) {
                              grant.ifPresent(
                                  given ->
                                      shelf.granted(
                                          new CopyShelf.Source(name, PLACE),
                                          given.name(),
                                          askedAt,
                                          LEASE));
                            }
                          }));
            });
      }

      void read(BlobKey key, Consumer<Integer> reader) {
        NodeId owner = known.getOrDefault(key, names.get(0));
        CopyShelf.Source source = new CopyShelf.Source(owner, PLACE);
        Optional<Copy> copy = shelf.find(key, 300, source);
        if (copy.isPresent()) {
          totals.hits++;
          int version = Integer.parseInt(copy.get().content().asUtf8());
          after(millis(0, 5), () -> awake(() -> reader.accept(version)));
          return;
        }
        Owner at = current(owner);
        Optional<Fetch> fetch = shelf.fetch(key, source);
        message(
            () -> {
              LeaseBook.Reading reading = at.book.reading(key, PLACE);
              after(millis(0, 10), () -> open(at, key, reading, fetch, reader));
            });
      }

      private void open(
          Owner at,
          BlobKey key,
          LeaseBook.Reading reading,
          Optional<Fetch> fetch,
          Consumer<Integer> reader) {
        if (!at.owns(key)) {
          totals.refused += at.gone ? 0 : 1;
          return;
        }
        int version = store.get(key);
        after(
            millis(0, 10),
            () -> {
              boolean keep = !at.gone && reading.mayBeKept();
              message(
                  () ->
                      awake(
                          () -> {
                            if (keep && fetch.isPresent()) {
                              totals.kept +=
                                  shelf.keep(fetch.get(), LinearizableCopiesTest.copy(key, version))
                                      ? 1
                                      : 0;
                            }
                            reader.accept(version);
                          }));
            });
      }
    }
  }
}
