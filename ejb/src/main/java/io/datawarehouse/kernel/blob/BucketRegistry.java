package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardMaps;
import io.datawarehouse.kernel.sharding.ShardingChoice;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.CommandResult;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The buckets that the cluster agreed on, as this node knows them, and its own store brought to the
 * same state. Thread-safe.
 *
 * <p>An entry that says {@code deleting} takes no more changes anywhere; once every owner has
 * settled and is empty the entry goes, and with it the bucket in every store. Which buckets of its
 * store come from the registry a node keeps beside it: one that does not is from a time when the
 * node worked alone, and is made known; one that does and is no longer agreed on was deleted while
 * the node was away, and goes.
 *
 * <p>What is known changes only where the coordinator tells of it, in the order of its log. A node
 * may hear of a bucket later than those who use it already, so it asks before it says that there is
 * none.
 */
final class BucketRegistry implements AutoCloseable {

  static final String REGISTRY = "buckets";

  private static final System.Logger LOG = System.getLogger(BucketRegistry.class.getName());

  /** The local copy without a limit of age: buckets are known also where nobody leads. */
  private static final ReadConsistency ANY_AGE = ReadConsistency.Local.ofAnyAge();

  /** The form in which an entry is kept; what a bucket never had is left out. */
  private record Form(
      BucketDefinition definition,
      boolean deleting,
      Optional<ShardMap.Form> shards,
      Optional<Boolean> changing) {}

  /** What may be done with a bucket. */
  enum Phase {
    /** All. */
    OPEN,
    /** Nothing for a moment: who owns which of its keys is just being changed. */
    CHANGING,
    /** Nothing any more. */
    DELETING
  }

  /**
   * What is agreed on about a bucket.
   *
   * @param definition what it is
   * @param map where its keys lie
   * @param phase what may be done with it
   */
  record State(BucketDefinition definition, ShardMap map, Phase phase) {

    State in(Phase next) {
      return new State(definition, map, next);
    }

    State with(BucketDefinition next) {
      return new State(next, map, phase);
    }

    State with(ShardMap next) {
      return new State(definition, next, phase);
    }
  }

  /**
   * A bucket as it was agreed on.
   *
   * @param state what it is
   * @param version the version of its entry
   */
  record Agreed(State state, long version) {

    BucketDefinition definition() {
      return state.definition;
    }

    ShardMap map() {
      return state.map;
    }

    boolean deleting() {
      return state.phase == Phase.DELETING;
    }
  }

  private final ClusterCoordinator coordinator;
  private final NodeId self;
  private final StorageProvider store;
  private final KernelStorage registered;
  private final Executor executor;
  private final Duration limit;
  private final Consumer<BucketName> beforeDeletion;
  private final Function<BucketName, BucketUsage> owned;
  private final Runnable relaid;
  private final Consumer<BucketName> divided;
  private final Map<BucketName, Agreed> agreed = new ConcurrentHashMap<>();

  /** Whether all that was agreed on at some time is known. */
  private volatile boolean learnt;

  private final Set<BucketName> unreadable = ConcurrentHashMap.newKeySet();
  private final ShardMaps maps;
  private final Map<BucketName, AtomicInteger> changes = new ConcurrentHashMap<>();
  private final SharedQuestion<Map<BucketName, Agreed>> everything;
  private final Object storeLock = new Object();

  /** Held while both change what is known of a bucket and its map; nobody is called meanwhile. */
  private final Object mapLock = new Object();

  private final AtomicReference<@Nullable Watch> watch = new AtomicReference<>();

  /**
   * Makes a registry that knows nothing before it is opened.
   *
   * @param cluster what it agrees with, and where it keeps which of its buckets come from there
   * @param executor brings the store to the state that was agreed on
   * @param beforeDeletion drops what of a bucket that is gone others own
   * @param owned tells what the store holds of a bucket that this node owns
   * @param relaid told when blobs that are there may lie in other segments of the cluster than
   *     before; must be quick
   * @param divided told of a bucket whose keys may lie in other segments of its own than before;
   *     must be quick
   */
  BucketRegistry(
      BlobCluster cluster,
      StorageProvider store,
      Executor executor,
      Consumer<BucketName> beforeDeletion,
      Function<BucketName, BucketUsage> owned,
      Runnable relaid,
      Consumer<BucketName> divided) {
    this.owned = owned;
    this.relaid = relaid;
    this.divided = divided;
    this.beforeDeletion = beforeDeletion;
    this.coordinator = cluster.coordinator();
    this.self = cluster.membership().localNodeId();
    this.maps = cluster.maps();
    this.store = store;
    this.registered = cluster.registered();
    this.executor = executor;
    this.limit = cluster.limit();
    this.everything = new SharedQuestion<>(this::askForEverything);
  }

  /** Begins to follow what is agreed on. Called once. */
  void open() {
    maps.askBy(everything::ask, () -> coordinator.leadership().available());
    watch.set(
        coordinator.watch(
            REGISTRY,
            change -> {
              BucketName bucket = new BucketName(change.address().key());
              if (change.entry().isPresent()) {
                learn(change.entry().get());
              } else {
                forget(bucket, known -> true);
              }
              executor.execute(() -> applyGuarded(bucket));
            }));
    coordinator
        .list(REGISTRY, ANY_AGE)
        .whenComplete(
            (entries, failure) -> {
              if (entries != null) {
                entries.forEach(this::learn);
                learnt = true;
                executor.execute(() -> agreed.keySet().forEach(this::applyGuarded));
              }
            });
  }

  /** Compares the store with what the whole cluster agreed on; called when a leader is reached. */
  void reconcile() {
    everything
        .ask()
        .whenComplete(
            (entries, failure) -> {
              if (entries != null) {
                executor.execute(this::reconcileGuarded);
              }
            });
  }

  /**
   * Asks the leader for all entries. Of what this node knows it forgets only what it knew before it
   * asked: what it hears of while the answer is under way may be missing there.
   */
  private CompletionStage<Map<BucketName, Agreed>> askForEverything() {
    Map<BucketName, Agreed> before = Map.copyOf(agreed);
    return coordinator
        .list(REGISTRY, new ReadConsistency.Latest())
        .thenApply(
            entries -> {
              entries.forEach(this::learn);
              Set<String> names =
                  entries.stream().map(entry -> entry.address().key()).collect(Collectors.toSet());
              before.forEach(
                  (bucket, known) -> {
                    if (!names.contains(bucket.value())) {
                      forget(bucket, known::equals);
                    }
                  });
              learnt = true;
              return Map.copyOf(agreed);
            });
  }

  private void reconcileGuarded() {
    try {
      reconcileStore();
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the store could not be compared with what was agreed on; it is tried again: {0}",
          e.getMessage());
    }
  }

  private void reconcileStore() {
    for (BucketDefinition present : store.buckets()) {
      if (agreed.containsKey(present.name())
          || registered.get(present.name().value()).isPresent()) {
        applyGuarded(present.name());
      } else {
        makeKnown(present);
      }
    }
  }

  private void makeKnown(BucketDefinition present) {
    LOG.log(System.Logger.Level.INFO, "telling the cluster of bucket {0}", present.name());
    put(new State(present, mapOfAlone(present), Phase.OPEN), ClusterCommand.ABSENT)
        .whenComplete(
            (result, failure) -> {
              if (failure == null && result instanceof CommandResult.Conflict conflict) {
                conflict.standing().ifPresent(this::learn);
              }
            });
  }

  /** All that a node holds from a time when it worked alone it owns. */
  private ShardMap mapOfAlone(BucketDefinition present) {
    if (present.settings().sharding().isEmpty()) {
      return ShardMap.HASHED;
    }
    try {
      return ShardMap.layOn(
          present.name(),
          ShardingChoice.of(
              present.settings().sharding().get(), present.settings().shardingOptions()),
          self);
    } catch (WarehouseException e) {
      // From a time when the name was kept and not followed.
      return ShardMap.HASHED;
    }
  }

  /** Returns the bucket, if this node knows that the cluster has it and is not deleting it. */
  Optional<Agreed> find(BucketName bucket) {
    return Optional.ofNullable(agreed.get(bucket)).filter(found -> !found.deleting());
  }

  /**
   * Returns the bucket; what this node does not know it asks for.
   *
   * @throws WarehouseException {@code NO_SUCH_BUCKET} where the cluster has none or is deleting it,
   *     {@code UNAVAILABLE} or {@code TIMEOUT} where that cannot be told
   */
  Agreed present(BucketName bucket) {
    Optional<Agreed> known = find(bucket);
    if (known.isPresent()) {
      return known.get();
    }
    requireReadable(bucket);
    if (!coordinator.leadership().available()) {
      // Threads that wait for a majority would be missed by those who need none.
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE,
          "whether there is a bucket '"
              + bucket
              + "' cannot be told: no majority of the cluster is reached");
    }
    Agreed latest = Stages.await(everything.ask(), limit).get(bucket);
    requireReadable(bucket);
    if (latest == null || latest.deleting()) {
      throw BlobErrors.noSuchBucket(bucket);
    }
    return latest;
  }

  private void requireReadable(BucketName bucket) {
    if (unreadable.contains(bucket)) {
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE,
          "what the cluster agreed on about bucket '" + bucket + "' this node cannot read");
    }
  }

  /**
   * Returns all buckets as {@link #all()} does; a node that never learnt which there are asks.
   *
   * @throws WarehouseException {@code UNAVAILABLE} or {@code TIMEOUT} where that cannot be told
   */
  List<Agreed> everyOne() {
    if (!learnt) {
      if (!coordinator.leadership().available()) {
        throw new WarehouseException(
            StandardErrorCode.UNAVAILABLE,
            "which buckets there are cannot be told: no majority of the cluster is reached, and"
                + " this node has not learnt it before");
      }
      Map<BucketName, Agreed> unused = Stages.await(everything.ask(), limit);
    }
    return all();
  }

  /** Returns all buckets that are known and not being deleted, sorted by name. */
  List<Agreed> all() {
    return agreed.values().stream()
        .filter(found -> !found.deleting())
        .sorted(Comparator.comparing(found -> found.definition().name()))
        .toList();
  }

  /** Asks the leader for a bucket's entry, also for one that is being deleted. */
  Optional<Agreed> latest(BucketName bucket) {
    return Optional.ofNullable(Stages.await(everything.ask(), limit).get(bucket));
  }

  /** Agrees on a bucket; the result says what stands. */
  Outcome agree(State state, long expected) {
    CommandResult result = Stages.await(put(state, expected), limit);
    if (result instanceof CommandResult.Applied applied) {
      Agreed standing = read(applied.entry().orElseThrow());
      if (state.phase != Phase.DELETING) {
        apply(state.definition.name());
      }
      return new Outcome(true, Optional.of(standing));
    }
    return new Outcome(
        false, ((CommandResult.Conflict) result).standing().map(BucketRegistry::read));
  }

  /**
   * Proposes a state of a bucket and does not wait; where it is not agreed on it is passed over.
   */
  void propose(State state, long expected) {
    put(state, expected)
        .whenComplete(
            (result, failure) -> {
              if (failure != null) {
                LOG.log(
                    System.Logger.Level.DEBUG,
                    "a change of bucket {0} was not agreed on; it is looked at again",
                    state.definition.name());
              }
            });
  }

  /** Agrees that a bucket is gone; returns whether that stands. */
  boolean remove(BucketName bucket, long expected) {
    CommandResult result =
        Stages.await(
            coordinator
                .propose(
                    new ClusterCommand.Remove(addressOf(bucket), OptionalLong.of(expected)), limit)
                .thenApply(
                    outcome -> {
                      if (outcome.applied()) {
                        forget(bucket, known -> known.version <= expected);
                      }
                      return outcome;
                    }),
            limit);
    if (result.applied()) {
      applyGuarded(bucket);
    }
    return result.applied();
  }

  /**
   * How an agreement ended.
   *
   * @param applied whether it was as wanted
   * @param standing what stands now
   */
  record Outcome(boolean applied, Optional<Agreed> standing) {}

  /** Makes sure that the store has a bucket that the cluster has, and returns it. */
  Agreed require(BucketName bucket) {
    Agreed present = present(bucket);
    if (store.findBucket(bucket).isEmpty()) {
      apply(bucket);
    }
    return present;
  }

  /**
   * Returns the bucket, which may be read and written to.
   *
   * @throws WarehouseException {@code UNAVAILABLE} while its sharding is being changed
   */
  Agreed requireOpen(BucketName bucket) {
    Agreed present = require(bucket);
    if (present.state.phase == Phase.CHANGING) {
      present = latest(bucket).orElseThrow(() -> BlobErrors.noSuchBucket(bucket));
    }
    if (present.state.phase != Phase.OPEN) {
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE,
          "the sharding of bucket '" + bucket + "' is just being changed; try again");
    }
    return present;
  }

  /** A change of a bucket that was let in, and what the bucket is meanwhile. */
  record Entered(Agreed bucket, Admission.Passage passage) {}

  /** Lets a change of a bucket in; it is settled only when the passage is closed. */
  Entered enter(BucketName bucket) {
    AtomicInteger inside = changes.computeIfAbsent(bucket, name -> new AtomicInteger());
    // Counted before the entry is looked at, so that whoever settles sees all that are inside.
    inside.incrementAndGet();
    try {
      return new Entered(requireOpen(bucket), inside::decrementAndGet);
    } catch (RuntimeException e) {
      inside.decrementAndGet();
      throw e;
    }
  }

  /**
   * Returns how many blobs of a bucket this node holds, once it takes no more changes.
   *
   * @throws WarehouseException {@code BUCKET_NOT_EMPTY} where a change is under way, {@code
   *     UNAVAILABLE} where the bucket is neither deleted nor changed any more
   */
  long settle(BucketName bucket, long version) {
    Agreed known = agreed.get(bucket);
    if (known == null || known.version < version) {
      known = latest(bucket).orElse(null);
    }
    if (known != null && known.state.phase == Phase.OPEN) {
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE,
          "bucket '" + bucket + "' is not being deleted or changed any more");
    }
    AtomicInteger inside = changes.get(bucket);
    if (inside != null && inside.get() > 0) {
      throw new WarehouseException(
          StandardErrorCode.BUCKET_NOT_EMPTY,
          "bucket '" + bucket + "' is being written to; it stays as it is");
    }
    return store.findBucket(bucket).isPresent() ? owned.apply(bucket).blobCount() : 0;
  }

  private CompletionStage<CommandResult> put(State state, long expected) {
    return coordinator
        .propose(
            new ClusterCommand.Put(
                addressOf(state.definition.name()), text(state), OptionalLong.of(expected)),
            limit)
        .thenApply(
            result -> {
              if (result instanceof CommandResult.Applied applied) {
                applied.entry().ifPresent(this::learn);
              }
              return result;
            });
  }

  /**
   * Takes news. Who is told of another map must find this registry going by it already: keys that
   * were held back are let in again by what it says.
   */
  private void learn(RegistryEntry entry) {
    BucketName bucket = new BucketName(entry.address().key());
    try {
      Agreed news = read(entry);
      boolean another = false;
      Optional<ShardMap> before = Optional.empty();
      synchronized (mapLock) {
        Agreed known = agreed.get(bucket);
        if (known == null || known.version < news.version) {
          before = Optional.ofNullable(known).map(Agreed::map);
          agreed.put(bucket, news);
          another = maps.put(bucket, news.map(), news.version);
        }
      }
      unreadable.remove(bucket);
      if (another && mayLieElsewhere(bucket, before, news.map())) {
        relaid.run();
      }
      if (another && before.filter(known -> known.division() == news.map().division()).isEmpty()) {
        divided.accept(bucket);
      }
      if (another) {
        maps.tell();
      }
    } catch (WarehouseException e) {
      // What this node knew before must not be followed any more.
      unreadable.add(bucket);
      forget(bucket, known -> known.version < entry.version());
      LOG.log(
          System.Logger.Level.ERROR,
          "the entry of bucket {0} cannot be read; this node does not serve it: {1}",
          bucket,
          e.detail());
    }
  }

  /** A bucket that nothing was known of was taken for one whose keys a hash spreads. */
  private boolean mayLieElsewhere(BucketName bucket, Optional<ShardMap> before, ShardMap now) {
    ShardMap known = before.orElse(ShardMap.HASHED);
    return known.division() != now.division()
        && (known.usesClusterSegments() || now.usesClusterSegments())
        && (before.isPresent() || store.findBucket(bucket).isPresent());
  }

  private void forget(BucketName bucket, Predicate<Agreed> which) {
    synchronized (mapLock) {
      Agreed known = agreed.get(bucket);
      if (known != null && which.test(known)) {
        agreed.remove(bucket);
        maps.remove(bucket);
      }
    }
  }

  private void applyGuarded(BucketName bucket) {
    try {
      apply(bucket);
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "bucket "
              + bucket
              + " could not be brought to the state that was agreed on; it is tried again",
          e);
    }
  }

  /** Brings the store's bucket to the state that is known now. */
  private void apply(BucketName bucket) {
    synchronized (storeLock) {
      Agreed wanted = agreed.get(bucket);
      Optional<BucketDefinition> present = store.findBucket(bucket);
      if (unreadable.contains(bucket)) {
        return;
      }
      if (wanted == null) {
        if (present.isPresent() && registered.get(bucket.value()).isPresent()) {
          beforeDeletion.accept(bucket);
          store.deleteBucket(bucket);
          registered.delete(bucket.value());
        }
        return;
      }
      if (registered.get(bucket.value()).isEmpty()) {
        registered.put(bucket.value(), Bytes.utf8(Long.toString(wanted.version)));
      }
      if (present.isEmpty()) {
        store.createBucket(wanted.definition());
      } else if (!present.get().equals(wanted.definition())) {
        store.replaceBucket(present.get(), wanted.definition());
      }
    }
  }

  /** Returns the text that the cluster agrees on. */
  static String text(State state) {
    return new String(
        Json.write(
            new Form(
                state.definition,
                state.phase == Phase.DELETING,
                state.map.equals(ShardMap.HASHED)
                    ? Optional.empty()
                    : Optional.of(state.map.form()),
                state.phase == Phase.CHANGING ? Optional.of(true) : Optional.empty())),
        StandardCharsets.UTF_8);
  }

  static RegistryEntry.Address addressOf(BucketName bucket) {
    return new RegistryEntry.Address(REGISTRY, bucket.value());
  }

  /** Reads what {@link #text} wrote. */
  static State stateOf(String text) {
    Form form = Json.read(text.getBytes(StandardCharsets.UTF_8), Form.class);
    Phase phase = form.changing.orElse(false) ? Phase.CHANGING : Phase.OPEN;
    return new State(
        form.definition,
        form.shards.map(ShardMap::of).orElse(ShardMap.HASHED),
        form.deleting ? Phase.DELETING : phase);
  }

  private static Agreed read(RegistryEntry entry) {
    return new Agreed(stateOf(entry.value()), entry.version());
  }

  @Override
  public void close() {
    Watch open = watch.getAndSet(null);
    if (open != null) {
      open.close();
    }
  }
}
