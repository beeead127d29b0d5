package io.datawarehouse.kernel.heat;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.heat.CopyShelf.Copy;
import io.datawarehouse.kernel.heat.CopyShelf.Fetch;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Bytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/**
 * Plays owners, holders, writers and readers against each other in a time of its own: messages are
 * late or lost, clocks run apart, holders freeze, owners die in the middle of changes or hand the
 * segment over. Whatever happens, reads and writes of a key must look as if each had happened at
 * one moment: a read shows no version that is older than one that was acknowledged, or read by
 * anybody, before it began.
 */
class LinearizableCopiesTest {

  private static final int SEGMENT = 5;

  private static final LeasePlace PLACE = LeasePlace.hashed(SEGMENT);

  /** One name for all owners: nobody but the owner itself learns at once that it is another. */
  private static final NodeId OWNER = new NodeId("owner");

  private static final CopyShelf.Source SOURCE = new CopyShelf.Source(OWNER, PLACE);

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
    assertThat(totals.waitedOut).as("leases waited out").isGreaterThan(100);
    assertThat(totals.takeovers).as("owners that came new").isGreaterThan(100);
  }

  private static final class Totals {
    private long hits;
    private long kept;
    private long commits;
    private long waitedOut;
    private long takeovers;
  }

  private static final class World extends CopiesWorld {

    private final Totals totals;
    private final List<Holder> holders = new ArrayList<>();
    private final Owner standby;
    private Owner owner;
    private int owners;

    World(int seed, Totals totals) {
      super(seed);
      this.totals = totals;
      owner = new Owner();
      standby = new Owner();
      for (int i = 0; i < 3; i++) {
        holders.add(new Holder(new NodeId("holder-" + i)));
      }
    }

    void run() {
      for (Holder holder : holders) {
        after(millis(0, 300), holder::renew);
        after(millis(0, 300), () -> readAt(holder));
        after(millis(500, 5_000), holder::freeze);
        after(millis(500, 5_000), holder::mute);
      }
      after(millis(0, 300), this::write);
      after(millis(0, 300), this::readAtOwner);
      after(millis(3_000, 15_000), this::takeOver);
      after(millis(3_000, 15_000), this::cool);
      play();
    }

    // ---- owners ---------------------------------------------------------------------------------

    private final class Owner {
      private final LeaseBook book = new LeaseBook(LEASE, clock(), "life-" + owners++);
      private boolean gone;
    }

    /** The owner dies, or gives the segment to one that has been there all the time. */
    private void takeOver() {
      totals.takeovers++;
      owner.gone = true;
      if (standby.gone || chance(0.5)) {
        owner = new Owner();
      } else {
        owner = standby;
        owner.book.acquired(PLACE);
      }
      welcome();
      after(millis(2_000, 15_000), this::takeOver);
    }

    private void welcome() {
      owner.book.welcome(PLACE, holders.stream().map(holder -> holder.id).toList());
    }

    private void cool() {
      owner.book.welcome(PLACE, List.of());
      after(millis(100, 3_000), this::welcome);
      after(millis(5_000, 15_000), this::cool);
    }

    private void write() {
      after(millis(5, 700), this::write);
      Owner at = owner;
      BlobKey key = anyKey();
      LeaseBook.Change change = at.book.begin(key, PLACE);
      for (NodeId holder : change.waitingFor()) {
        Holder told = holder(holder);
        message(
            () ->
                told.awake(
                    () -> {
                      told.shelf.drop(key);
                      message(
                          () -> {
                            if (!at.gone) {
                              change.answered(holder);
                            }
                          });
                    }));
      }
      if (chance(0.1)) {
        after(millis(0, 100), change::close);
      } else {
        after(millis(0, 5), () -> tryCommit(at, change));
      }
    }

    private void tryCommit(Owner at, LeaseBook.Change change) {
      if (at.gone) {
        return;
      }
      if (change.remaining() > 0) {
        after(millis(1, 20), () -> tryCommit(at, change));
        return;
      }
      totals.waitedOut += change.waitingFor().isEmpty() ? 0 : 1;
      after(
          millis(0, 30),
          () -> {
            if (at.gone) {
              return;
            }
            totals.commits++;
            int version = store.merge(change.key(), 1, Integer::sum);
            after(
                millis(0, 30),
                () -> {
                  if (!at.gone) {
                    change.close();
                    saw(change.key(), version);
                  }
                });
          });
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
      private long frozenUntil;
      private long mutedUntil;
      private int calls;

      Holder(NodeId id) {
        this.id = id;
      }

      /** Does something now, or when the holder moves again. */
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

      /** Its questions are lost for a while, though it goes on reading. */
      void mute() {
        mutedUntil = now() + millis(500, 3_000);
        after(millis(3_000, 10_000), this::mute);
      }

      void renew() {
        after(millis(300, 700), () -> awake(this::renew));
        if (now() < mutedUntil) {
          return;
        }
        Owner at = owner;
        int call = ++calls;
        long askedAt = clock.getAsLong();
        message(
            () -> {
              Optional<LeaseBook.Grant> grant = at.gone ? Optional.empty() : at.book.ask(id, PLACE);
              message(
                  () ->
                      awake(
                          () -> {
                            if (call == calls) {
                              grant.ifPresent(
                                  given -> shelf.granted(SOURCE, given.name(), askedAt, LEASE));
                            }
                          }));
            });
      }

      void read(BlobKey key, Consumer<Integer> reader) {
        Owner at = owner;
        Optional<Copy> copy = shelf.find(key, SEGMENT, SOURCE);
        if (copy.isPresent()) {
          totals.hits++;
          int version = Integer.parseInt(copy.get().content().asUtf8());
          after(millis(0, 5), () -> awake(() -> reader.accept(version)));
          return;
        }
        Optional<Fetch> fetch = shelf.fetch(key, SOURCE);
        message(
            () -> {
              if (at.gone) {
                return;
              }
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
        if (at.gone) {
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
                              totals.kept += shelf.keep(fetch.get(), copy(key, version)) ? 1 : 0;
                            }
                            reader.accept(version);
                          }));
            });
      }
    }
  }

  static Copy copy(BlobKey key, int version) {
    return new Copy(
        new BlobManifest(
            key.bucket(),
            key.key(),
            1,
            1,
            "text/plain",
            "0".repeat(64),
            "",
            Instant.EPOCH,
            Instant.EPOCH,
            Map.of(),
            List.of(),
            SEGMENT,
            List.of(),
            false),
        Bytes.utf8(Integer.toString(version)));
  }
}
