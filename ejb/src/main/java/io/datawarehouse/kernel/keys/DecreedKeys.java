package io.datawarehouse.kernel.keys;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.keys.NodeKeys.CarriedOut;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.WrappedKey;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.CommandResult;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A node's data keys under what the cluster decrees: whose keys are destroyed is agreed on by a
 * majority, and every node carries it out on its own keys. Thread-safe.
 *
 * <p>What holds, of a decree that was agreed on:
 *
 * <ol>
 *   <li>No crash and no absence undoes it. A node that did not carry it out does so as soon as it
 *       hears of it, and uses no key of that bucket before.
 *   <li>A node that was started uses no keys before it has asked, through a leader with a majority,
 *       what was decreed meanwhile; nor does one that was cut off and is back in touch. Callers
 *       wait for that, and get {@code KEY_UNAVAILABLE} where it takes too long.
 *   <li>A node that is cut off, or finds no leader when their patience ends, does not hear of it:
 *       whoever reaches it reads with its keys until it is back in touch. A majority that is lost
 *       stops decrees, and no reads. What it writes to that bucket meanwhile goes with the old
 *       keys.
 *   <li>Before a node destroys keys, contents that they protect are in no node's memory any more.
 *   <li>A decree is carried out once: its number is durable with the bucket's keys in one stroke,
 *       so that keys that were made since never fall to it, also after a crash, and also where the
 *       bucket was deleted and made anew.
 *   <li>A node that comes to a cluster for the first time keeps the keys that it brings: what was
 *       decreed before is not meant for them.
 * </ol>
 *
 * <p>The number of a decree is a time in milliseconds, and grows for each bucket even where clocks
 * do not.
 */
public final class DecreedKeys implements DataKeys, AutoCloseable {

  /** In which registry the decrees stand, by bucket. */
  static final String REGISTRY = "keys-destroyed";

  /**
   * What it works with.
   *
   * @param keyring the node's own keys
   * @param node the node
   * @param cluster the name of the cluster
   * @param coordinator who agrees on decrees
   * @param joined where the node remembers to which clusters it came before
   * @param clock gives the numbers of decrees
   * @param ticker a clock that only goes forward, in nanoseconds
   * @param executor carries decrees out
   * @param limit how long one agreement may take, and how long callers wait for a node that has
   *     just been started
   * @param recall sees that nobody keeps in memory what the keys protect
   */
  public record Options(
      Keyring keyring,
      NodeId node,
      String cluster,
      ClusterCoordinator coordinator,
      KernelStorage joined,
      Clock clock,
      LongSupplier ticker,
      Executor executor,
      Duration limit,
      Recall recall) {

    /** Checks that nothing is missing. */
    public Options {
      Objects.requireNonNull(keyring, "keyring");
      Objects.requireNonNull(node, "node");
      Objects.requireNonNull(cluster, "cluster");
      Objects.requireNonNull(coordinator, "coordinator");
      Objects.requireNonNull(joined, "joined");
      Objects.requireNonNull(clock, "clock");
      Objects.requireNonNull(ticker, "ticker");
      Objects.requireNonNull(executor, "executor");
      Objects.requireNonNull(limit, "limit");
      Objects.requireNonNull(recall, "recall");
    }
  }

  /** Calls back what others may keep in their memory of what this node owns. */
  @FunctionalInterface
  public interface Recall {

    /** Nobody keeps anything. */
    Recall NONE = Supplier::get;

    /**
     * Destroys keys once nobody has contents in memory that they protect, here or elsewhere; nobody
     * gets any before that is done.
     *
     * @return what the work returns
     */
    List<String> before(Supplier<List<String>> destroying);
  }

  private static final System.Logger LOG = System.getLogger(DecreedKeys.class.getName());

  private static final String NOT_KNOWN =
      "this node does not know yet which keys the cluster destroyed while it was away";

  /** The form in which a decree is kept. */
  private record Form(long number, NodeId by) {}

  /** What a decree did here. */
  private record Done(long number, List<String> destroyed) {}

  /**
   * What this node knows of decrees. Immutable but for the latch.
   *
   * @param number counts the spells, so that a question of an earlier one ends no later one
   * @param state whether it knows them
   * @param until how long callers wait, by the ticker
   * @param over opens when the spell is over
   */
  private record Spell(long number, State state, long until, CountDownLatch over) {}

  private enum State {
    /** It does not know what was decreed; it asks. */
    BEHIND,
    /** It knows, and hears of what comes. */
    CURRENT,
    /** It knew, and is out of touch now. */
    CUT_OFF
  }

  private final Options options;
  private final Keyring keyring;
  private final ClusterCoordinator coordinator;
  private final List<Watch> watches = new CopyOnWriteArrayList<>();

  /** The newest decree that is known, by bucket. */
  private final Map<BucketName, Long> decrees = new ConcurrentHashMap<>();

  /** Held while a decree is carried out. */
  private final Object carrying = new Object();

  /** What the last decree did, by bucket, for those who ask for it; guarded by carrying. */
  private final Map<BucketName, Done> done = new ConcurrentHashMap<>();

  private volatile boolean member;
  private volatile Spell spell;

  /** Makes keys that cannot be used before they are opened. */
  public DecreedKeys(Options options) {
    this.options = options;
    this.keyring = options.keyring();
    this.coordinator = options.coordinator();
    this.member = options.joined().get(options.cluster()).isPresent();
    this.spell = next(0, State.BEHIND);
  }

  private Spell next(long number, State state) {
    return new Spell(
        number,
        state,
        options.ticker().getAsLong() + options.limit().toNanos(),
        new CountDownLatch(1));
  }

  // ---- following what is decreed ---------------------------------------------------------------

  /** Begins to follow what is decreed. Called once. */
  public void open() {
    watches.add(
        coordinator.watch(
            REGISTRY,
            change ->
                change
                    .entry()
                    .flatMap(this::learn)
                    .ifPresent(
                        bucket -> options.executor().execute(() -> carryOutGuarded(bucket)))));
    watches.add(coordinator.watchLeadership(this::hear));
    catchUp();
  }

  private void hear(Leadership leadership) {
    synchronized (this) {
      Spell now = spell;
      if (leadership.available() && now.state == State.CUT_OFF) {
        enter(State.BEHIND);
      } else if (!leadership.available() && (now.state == State.CURRENT || wasCurrent(now))) {
        enter(State.CUT_OFF);
      }
    }
    if (leadership.available()) {
      options.executor().execute(this::catchUp);
    }
  }

  /** Whoever is behind for the second time was not behind before. */
  private static boolean wasCurrent(Spell spell) {
    return spell.state == State.BEHIND && spell.number > 0;
  }

  /** Called with the monitor held. */
  private void enter(State state) {
    Spell before = spell;
    spell = next(before.number + 1, state);
    before.over.countDown();
  }

  /** Asks what was decreed and carries it out; does not wait for the answer. */
  public void catchUp() {
    long asked = spell.number;
    coordinator
        .list(REGISTRY, new ReadConsistency.Latest())
        .whenComplete(
            (entries, failure) -> {
              if (entries != null) {
                options.executor().execute(() -> settleGuarded(entries, asked));
              }
            });
  }

  /** Does what is left to be done; called now and then. */
  public void tick() {
    if (spell.state == State.BEHIND) {
      catchUp();
    } else {
      decrees.keySet().forEach(this::carryOutGuarded);
    }
  }

  private void settleGuarded(List<RegistryEntry> entries, long asked) {
    try {
      settle(entries);
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "what the cluster decreed on keys could not be taken over; it is tried again",
          e);
      return;
    }
    synchronized (this) {
      if (spell.number == asked && spell.state == State.BEHIND) {
        enter(State.CURRENT);
      }
    }
  }

  private void settle(List<RegistryEntry> entries) {
    if (!member) {
      synchronized (carrying) {
        entries.forEach(
            entry -> read(entry).ifPresent(form -> keyring.adopt(bucketOf(entry), form.number)));
        options.joined().put(options.cluster(), Bytes.utf8(options.clock().instant().toString()));
        member = true;
      }
    }
    entries.forEach(this::learn);
    decrees.keySet().forEach(this::carryOutGuarded);
  }

  private Optional<BucketName> learn(RegistryEntry entry) {
    Optional<Form> form = read(entry);
    form.ifPresent(known -> decrees.merge(bucketOf(entry), known.number, Math::max));
    return form.map(known -> bucketOf(entry));
  }

  private static BucketName bucketOf(RegistryEntry entry) {
    return new BucketName(entry.address().key());
  }

  private static Optional<Form> read(RegistryEntry entry) {
    try {
      BucketName unused = bucketOf(entry);
      return Optional.of(Json.read(entry.value().getBytes(StandardCharsets.UTF_8), Form.class));
    } catch (WarehouseException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "the decree on the keys of bucket {0} cannot be read and is passed over: {1}",
          entry.address().key(),
          e.detail());
      return Optional.empty();
    }
  }

  // ---- carrying out ----------------------------------------------------------------------------

  private void carryOutGuarded(BucketName bucket) {
    try {
      carryOut(bucket);
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the keys of bucket "
              + bucket
              + " could not be destroyed as the cluster decreed; none of them is used, and it is"
              + " tried again",
          e);
    }
  }

  /** Brings the bucket's keys under the newest decree that is known. */
  private void carryOut(BucketName bucket) {
    Long number = decrees.get(bucket);
    // Whoever is new must first find out what was decreed before it came.
    if (number == null || !member || keyring.obeyed(bucket, number)) {
      return;
    }
    carryOut(bucket, number);
  }

  private CarriedOut carryOut(BucketName bucket, long number) {
    synchronized (carrying) {
      if (!keyring.obeyed(bucket, number)) {
        List<String> destroyed = options.recall().before(() -> keyring.destroyBy(bucket, number));
        done.put(bucket, new Done(number, destroyed));
      }
      Done last = done.get(bucket);
      return new CarriedOut(last != null && last.number == number ? last.destroyed : List.of());
    }
  }

  /**
   * Carries out a decree of which another node tells, once this one has seen it itself.
   *
   * @return what is gone by it; nothing of what went before a restart
   * @throws WarehouseException {@code UNAVAILABLE} where there is no such decree, or that cannot be
   *     told
   */
  CarriedOut obey(BucketName bucket, long number) {
    if (known(bucket) < number) {
      Optional<BucketName> unused = latest(bucket).flatMap(this::learn);
    }
    if (known(bucket) < number) {
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE,
          "the cluster did not decree that the keys of bucket '" + bucket + "' are destroyed");
    }
    return carryOut(bucket, number);
  }

  private long known(BucketName bucket) {
    return decrees.getOrDefault(bucket, 0L);
  }

  private Optional<RegistryEntry> latest(BucketName bucket) {
    return KeyNodes.await(
        coordinator.read(addressOf(bucket), new ReadConsistency.Latest()), options.limit());
  }

  private static RegistryEntry.Address addressOf(BucketName bucket) {
    return new RegistryEntry.Address(REGISTRY, bucket.value());
  }

  /**
   * Has the cluster agree that all keys of a bucket that there are now are destroyed.
   *
   * @return the number of the decree
   * @throws WarehouseException {@code UNAVAILABLE} where no majority is reached: nothing was
   *     decreed; {@code TIMEOUT} where that is not known
   */
  long decree(BucketName bucket) {
    // Again only where somebody else decrees the same between the two calls.
    while (true) {
      Optional<RegistryEntry> standing = latest(bucket);
      long before = standing.flatMap(DecreedKeys::read).map(Form::number).orElse(0L);
      long number = Math.max(options.clock().millis(), Math.max(before, known(bucket)) + 1);
      CommandResult result =
          KeyNodes.await(
              coordinator.propose(
                  new ClusterCommand.Put(
                      addressOf(bucket),
                      new String(
                          Json.write(new Form(number, options.node())), StandardCharsets.UTF_8),
                      OptionalLong.of(
                          standing.map(RegistryEntry::version).orElse(ClusterCommand.ABSENT))),
                  options.limit()),
              options.limit());
      if (result.applied()) {
        decrees.merge(bucket, number, Math::max);
        return number;
      }
    }
  }

  // ---- the keys --------------------------------------------------------------------------------

  @Override
  public DataKey create(BlobKey blob, Bytes contentId) {
    require(blob.bucket());
    return keyring.create(blob, contentId);
  }

  @Override
  public DataKey open(BlobKey blob, Bytes contentId, WrappedKey wrapped) {
    require(blob.bucket());
    return keyring.open(blob, contentId, wrapped);
  }

  private void require(BucketName bucket) {
    Spell now = spell;
    if (now.state == State.BEHIND) {
      awaitEnd(now);
    }
    carryOut(bucket);
  }

  private void awaitEnd(Spell behind) {
    try {
      long left = behind.until - options.ticker().getAsLong();
      if (behind.over.await(Math.max(0, left), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!member || coordinator.leadership().available()) {
      throw new WarehouseException(StandardErrorCode.KEY_UNAVAILABLE, NOT_KNOWN);
    }
    synchronized (this) {
      if (spell.number == behind.number) {
        LOG.log(
            System.Logger.Level.WARNING,
            "no leader is in reach, so the keys are used as this node knows them: what the cluster"
                + " destroyed while it was away is told when there is one");
        enter(State.CUT_OFF);
      }
    }
  }

  /** Returns what is wrong, in words; empty where nothing is. */
  public Optional<String> problem() {
    Spell now = spell;
    if (now.state == State.BEHIND && now.until - options.ticker().getAsLong() < 0) {
      return Optional.of(NOT_KNOWN + ", so what is encrypted is not to be had");
    }
    long left = decrees.keySet().stream().filter(this::pending).count();
    return left == 0
        ? Optional.empty()
        : Optional.of(
            "the keys of " + left + " buckets are not yet destroyed here as the cluster decreed");
  }

  private boolean pending(BucketName bucket) {
    try {
      return !keyring.obeyed(bucket, known(bucket));
    } catch (WarehouseException e) {
      // Its record is damaged: nobody can tell, and nobody can use it.
      return true;
    }
  }

  /** Follows nothing any more; the keyring stays as it is. */
  @Override
  public void close() {
    watches.forEach(Watch::close);
  }
}
