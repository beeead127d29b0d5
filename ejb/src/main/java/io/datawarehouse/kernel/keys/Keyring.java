package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.WrappedKey;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.metric.Metrics;
import io.datawarehouse.sdk.security.KeyProvider;
import io.datawarehouse.sdk.security.MasterKey;
import io.datawarehouse.sdk.security.MasterWrapping;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The hierarchy of keys: a data key for each version of a blob, wrapped by the key of its bucket,
 * wrapped by a master key of the provider. Thread-safe.
 *
 * <p>A bucket's key is made at the first write that needs one, and is durable before that write has
 * it. All keys of a bucket are one record of the store, so that a rotation or a destruction happens
 * at one stroke. The provider is called under no lock but that of rotations, which no read and no
 * write waits for.
 */
public final class Keyring implements DataKeys, KeyOffice, AutoCloseable {

  /**
   * What a keyring works with.
   *
   * @param source where the provider of master keys is found
   * @param storage the kernel's own durable map for keys
   * @param clock gives the times
   * @param random makes keys
   * @param metrics counts
   * @param cachedKeys how many bucket keys are kept in the open
   */
  public record Options(
      KeySource source,
      KernelStorage storage,
      Clock clock,
      SecureRandom random,
      Metrics metrics,
      int cachedKeys) {}

  /** Where rotations and destructions are told, for those who must account for them. */
  private static final System.Logger AUDIT = System.getLogger("io.datawarehouse.audit");

  private static final System.Logger LOG = System.getLogger(Keyring.class.getName());
  private static final int RANDOM_ID_BYTES = 8;
  private static final int STRIPES = 64;

  private final KeySource source;
  private final KeyArchive archive;
  private final KeyCache cache;
  private final Clock clock;
  private final SecureRandom random;
  private final KeyMetrics metrics;

  /**
   * One for each bucket, chosen by its name: held by whoever ends its keys, shared by whoever
   * commits what they protect.
   */
  private final ReentrantReadWriteLock[] lives = new ReentrantReadWriteLock[STRIPES];

  /** Held by whoever rotates keys, so that rotations follow one another. */
  private final ReentrantLock rotating = new ReentrantLock();

  /** Makes a keyring over what the store holds. */
  public Keyring(Options options) {
    this.source = options.source();
    this.clock = options.clock();
    this.random = options.random();
    this.archive = new KeyArchive(options.storage());
    this.cache = new KeyCache(options.cachedKeys());
    this.metrics = new KeyMetrics(options.metrics());
    Arrays.setAll(lives, i -> new ReentrantReadWriteLock());
    metrics.show(cache::size, () -> source.problem().isEmpty(), this::count);
  }

  private long count(KeyState state) {
    return archive.all().values().stream()
        .flatMap(keys -> keys.keys().stream())
        .filter(key -> key.state() == state)
        .count();
  }

  // ---- data keys -----------------------------------------------------------------------------

  @Override
  public DataKey create(BlobKey blob, Bytes contentId) {
    return metrics.watch("create", () -> createKey(blob, contentId));
  }

  private DataKey createKey(BlobKey blob, Bytes contentId) {
    while (true) {
      BucketKey active = activeOf(blob.bucket());
      try {
        return createKey(blob, contentId, active);
      } catch (WarehouseException e) {
        boolean gone = e.code() == StandardErrorCode.KEY_DESTROYED;
        if (!gone || activeOf(blob.bucket()).id().equals(active.id())) {
          throw e;
        }
        // Destroyed between the two looks: the write gets the key that follows.
      }
    }
  }

  private DataKey createKey(BlobKey blob, Bytes contentId, BucketKey active) {
    byte[] wrapper = materialOf(blob.bucket(), active);
    byte[] material = new byte[DataKey.LENGTH];
    try {
      random.nextBytes(material);
      Bytes wrapped =
          KeyWrapping.wrap(wrapper, material, dataPlace(active.id(), blob, contentId), random);
      return new DataKey(material, new WrappedKey(active.id(), wrapped));
    } finally {
      Arrays.fill(wrapper, (byte) 0);
    }
  }

  @Override
  public DataKey open(BlobKey blob, Bytes contentId, WrappedKey wrapped) {
    return metrics.watch("open", () -> openKey(blob, contentId, wrapped));
  }

  private DataKey openKey(BlobKey blob, Bytes contentId, WrappedKey wrapped) {
    String id = wrapped.bucketKeyId();
    if (!id.startsWith(blob.bucket().value() + "/")) {
      throw corrupt(blob);
    }
    BucketKey key =
        archive
            .find(blob.bucket())
            .find(id)
            .orElseThrow(
                () ->
                    new WarehouseException(
                        StandardErrorCode.KEY_UNAVAILABLE,
                        "this node does not have key '%s' of bucket '%s'"
                            .formatted(id, blob.bucket().value())));
    byte[] wrapper = materialOf(blob.bucket(), key);
    try {
      byte[] material =
          KeyWrapping.unwrap(wrapper, wrapped.material(), dataPlace(id, blob, contentId))
              .filter(bytes -> bytes.length == DataKey.LENGTH)
              .orElseThrow(() -> corrupt(blob));
      return new DataKey(material, wrapped);
    } finally {
      Arrays.fill(wrapper, (byte) 0);
    }
  }

  private static WarehouseException corrupt(BlobKey blob) {
    return new WarehouseException(
        StandardErrorCode.BLOB_CORRUPT, "the key of '" + blob + "' is damaged");
  }

  private static Bytes dataPlace(String bucketKeyId, BlobKey blob, Bytes contentId) {
    return KeyWrapping.place(
        "dw.data-key",
        Bytes.utf8(bucketKeyId),
        Bytes.utf8(blob.bucket().value()),
        Bytes.utf8(blob.key()),
        contentId);
  }

  // ---- keys of buckets -----------------------------------------------------------------------

  private BucketKey activeOf(BucketName bucket) {
    Optional<BucketKey> active = archive.find(bucket).active();
    return active.isPresent() ? active.get() : install(bucket, Optional.empty());
  }

  /**
   * Gives a bucket a new key, unless somebody else did so since.
   *
   * @param expected the key that it follows
   */
  private BucketKey install(BucketName bucket, Optional<String> expected) {
    while (true) {
      BucketKeys before = archive.find(bucket);
      Optional<BucketKey> present = before.active();
      if (!present.map(BucketKey::id).equals(expected) && present.isPresent()) {
        return present.get();
      }
      requireRoom(bucket, before);
      // The provider may be slow, so that nobody waits for it under a lock; who comes second loses.
      BucketKey made = make(bucket, before.nextVersion());
      BucketKeys after =
          archive.change(
              bucket, now -> now.equals(before) ? now.followedBy(made, made.createdAt()) : now);
      if (after.find(made.id()).isPresent()) {
        return made;
      }
      cache.forget(made.id());
    }
  }

  private static void requireRoom(BucketName bucket, BucketKeys keys) {
    if (keys.keys().size() >= BucketKeys.MOST) {
      throw new WarehouseException(
          StandardErrorCode.TOO_LARGE,
          "bucket '%s' has had %d keys and can have no more"
              .formatted(bucket.value(), BucketKeys.MOST));
    }
  }

  private BucketKey make(BucketName bucket, int version) {
    byte[] distinct = new byte[RANDOM_ID_BYTES];
    byte[] material = new byte[DataKey.LENGTH];
    random.nextBytes(distinct);
    random.nextBytes(material);
    String id = bucket.value() + "/" + version + "-" + HexFormat.of().formatHex(distinct);
    try {
      MasterWrapping wrapping =
          source.ask(provider -> provider.wrap(material, bucketPlace(bucket, id)));
      cache.put(id, material);
      return BucketKey.active(id, version, now(), wrapping);
    } finally {
      Arrays.fill(material, (byte) 0);
    }
  }

  private static Bytes bucketPlace(BucketName bucket, String id) {
    return KeyWrapping.place("dw.bucket-key", Bytes.utf8(bucket.value()), Bytes.utf8(id));
  }

  /** Returns a copy of the key in the open, which the caller wipes. */
  private byte[] materialOf(BucketName bucket, BucketKey key) {
    MasterWrapping wrapping = key.wrapping().orElseThrow(() -> destroyed(bucket, key));
    Optional<byte[]> cached = cache.find(key.id());
    if (cached.isPresent()) {
      return cached.get();
    }
    byte[] material =
        unwrap(bucket, key.id(), wrapping)
            .orElseThrow(
                () ->
                    new WarehouseException(
                        StandardErrorCode.KEY_UNAVAILABLE,
                        "master key '%s' does not open key '%s': it is another key of that name, or the"
                                .formatted(wrapping.masterKeyId(), key.id())
                            + " record was changed"));
    cache.put(key.id(), material);
    if (archive.find(bucket).find(key.id()).flatMap(BucketKey::wrapping).isEmpty()) {
      // Destroyed meanwhile: it must not stay.
      cache.forget(key.id());
      Arrays.fill(material, (byte) 0);
      throw destroyed(bucket, key);
    }
    return material;
  }

  private Optional<byte[]> unwrap(BucketName bucket, String id, MasterWrapping wrapping) {
    return source
        .ask(provider -> provider.unwrap(wrapping, bucketPlace(bucket, id)))
        .filter(material -> material.length == DataKey.LENGTH);
  }

  private static WarehouseException destroyed(BucketName bucket, BucketKey key) {
    return new WarehouseException(
        StandardErrorCode.KEY_DESTROYED,
        "key '%s' of bucket '%s' was destroyed%s: what it protects cannot be read any more"
            .formatted(
                key.id(), bucket.value(), key.destroyedAt().map(time -> " at " + time).orElse("")));
  }

  /** Returns the lock that commits to a bucket share, and that the end of its keys excludes. */
  ReadWriteLock lifeOf(BucketName bucket) {
    return lives[Math.floorMod(bucket.hashCode(), STRIPES)];
  }

  /** Returns whether a key is still there to read with what it protects. */
  boolean lives(BucketName bucket, String bucketKeyId) {
    return archive
        .find(bucket)
        .find(bucketKeyId)
        .filter(key -> key.state() != KeyState.DESTROYED)
        .isPresent();
  }

  // ---- rotation ------------------------------------------------------------------------------

  @Override
  public Rotation rotateMaster() {
    return rotation("master", "all buckets", this::newMaster);
  }

  @Override
  public Rotation rotateBucket(BucketName bucket) {
    return rotation(
        "bucket",
        "bucket '" + bucket.value() + "'",
        () -> {
          if (archive.find(bucket).keys().isEmpty()) {
            throw noKeys(bucket);
          }
          return rotated(List.of(follow(bucket)));
        });
  }

  @Override
  public Rotation rotateBuckets() {
    return rotation("bucket", "all buckets", this::followAll);
  }

  /** A bucket that can have no more keys holds up no other one. */
  private Rotation followAll() {
    List<RotatedBucket> done = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    archive
        .all()
        .forEach(
            (bucket, keys) ->
                keys.active()
                    .ifPresent(
                        active -> {
                          try {
                            done.add(follow(bucket));
                          } catch (WarehouseException e) {
                            if (e.code() != StandardErrorCode.TOO_LARGE) {
                              throw e;
                            }
                            failed.add(active.id());
                          }
                        }));
    return new Rotation(currentMaster(), Optional.empty(), 0, failed, done, List.of(), List.of());
  }

  private Rotation rotation(String scope, String what, Supplier<Rotation> work) {
    rotating.lock();
    try {
      Rotation done = metrics.watch("rotate." + scope, work);
      AUDIT.log(
          System.Logger.Level.INFO,
          "keys rotated: scope {0}, {1}; master key {2}, {3} bucket keys wrapped anew, {4} failed,"
              + " {5} buckets with a new key",
          scope,
          what,
          done.masterKeyId(),
          done.rewrapped(),
          done.failed().size(),
          done.buckets().size());
      return done;
    } catch (WarehouseException e) {
      AUDIT.log(
          System.Logger.Level.WARNING,
          "keys not rotated: scope {0}, {1}: {2}",
          scope,
          what,
          e.detail());
      throw e;
    } finally {
      rotating.unlock();
    }
  }

  private Rotation newMaster() {
    String previous = currentMaster();
    String current =
        source.ask(
            provider -> provider.createsKeys() ? provider.create().id() : currentOf(provider));
    Rewrapping rewrapping = rewrap(current);
    return new Rotation(
        current,
        Optional.of(previous).filter(id -> !id.equals(current)),
        rewrapping.done,
        List.copyOf(rewrapping.failed),
        List.of(),
        List.of(),
        List.of());
  }

  private RotatedBucket follow(BucketName bucket) {
    Optional<String> previous = archive.find(bucket).active().map(BucketKey::id);
    return new RotatedBucket(bucket, install(bucket, previous).id(), previous, Optional.empty());
  }

  private Rotation rotated(List<RotatedBucket> buckets) {
    return new Rotation(
        currentMaster(), Optional.empty(), 0, List.of(), buckets, List.of(), List.of());
  }

  private String currentMaster() {
    return source.ask(Keyring::currentOf);
  }

  private static String currentOf(KeyProvider provider) {
    return provider.masterKeys().get(0).id();
  }

  private static final class Rewrapping {
    private int done;
    private final List<String> failed = new ArrayList<>();
  }

  /** Wraps by the current master key what another one wraps; one write for each bucket. */
  private Rewrapping rewrap(String current) {
    Rewrapping result = new Rewrapping();
    archive
        .all()
        .forEach(
            (bucket, keys) -> {
              Map<BucketKey, MasterWrapping> anew = new LinkedHashMap<>();
              for (BucketKey key : keys.living()) {
                if (!key.masterKeyId().equals(Optional.of(current))) {
                  Optional<MasterWrapping> wrapping = rewrap(bucket, key);
                  wrapping.ifPresent(wrapped -> anew.put(key, wrapped));
                  if (wrapping.isEmpty()) {
                    result.failed.add(key.id());
                  }
                }
              }
              if (!anew.isEmpty()) {
                archive.change(bucket, now -> now.rewrapped(anew));
                result.done += anew.size();
              }
            });
    return result;
  }

  private Optional<MasterWrapping> rewrap(BucketName bucket, BucketKey key) {
    Optional<byte[]> material;
    try {
      material = key.wrapping().flatMap(wrapping -> unwrap(bucket, key.id(), wrapping));
    } catch (WarehouseException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "key {0} stays wrapped by master key {1}: {2}",
          key.id(),
          key.masterKeyId().orElse("none"),
          e.detail());
      return Optional.empty();
    }
    return material.map(
        open -> {
          try {
            return source.ask(provider -> provider.wrap(open, bucketPlace(bucket, key.id())));
          } finally {
            Arrays.fill(open, (byte) 0);
          }
        });
  }

  /**
   * Completes what an earlier rotation of the master key left undone, and what operators asked for
   * by bringing a new one.
   */
  public void completeRotation() {
    rotating.lock();
    try {
      Rewrapping rewrapping = rewrap(currentMaster());
      if (rewrapping.done > 0 || !rewrapping.failed.isEmpty()) {
        AUDIT.log(
            System.Logger.Level.INFO,
            "rotation of the master key completed: {0} bucket keys wrapped anew, {1} failed",
            rewrapping.done,
            rewrapping.failed.size());
      }
    } finally {
      rotating.unlock();
    }
  }

  // ---- the end of keys -----------------------------------------------------------------------

  @Override
  public Destruction destroy(BucketName bucket) {
    return metrics.watch("destroy", () -> destroyKeys(bucket));
  }

  private Destruction destroyKeys(BucketName bucket) {
    List<String> destroyed = end(bucket, keys -> keys.destroyed(now()));
    if (destroyed.isEmpty()) {
      throw noKeys(bucket);
    }
    return new Destruction(bucket, destroyed, List.of());
  }

  /**
   * Destroys all keys of a bucket because the cluster decreed it. The decree is durable in the same
   * stroke, so that it never reaches a key that was made after it was carried out.
   *
   * @param decree its number; one that was carried out before, or a later one, changes nothing
   * @return the keys that are gone by it, oldest first; none is no error
   */
  List<String> destroyBy(BucketName bucket, long decree) {
    return metrics.watch("destroy", () -> end(bucket, keys -> keys.destroyedBy(decree, now())));
  }

  /** Takes a decree as carried out without destroying anything. */
  void adopt(BucketName bucket, long decree) {
    BucketKeys unused = archive.change(bucket, keys -> keys.withDecree(decree));
  }

  /** Returns whether a decree on a bucket's keys was carried out. */
  boolean obeyed(BucketName bucket, long decree) {
    return archive.find(bucket).obeyed(decree);
  }

  private List<String> end(BucketName bucket, UnaryOperator<BucketKeys> ending) {
    List<BucketKey> ended = new ArrayList<>();
    lifeOf(bucket).writeLock().lock();
    try {
      archive.change(
          bucket,
          keys -> {
            BucketKeys next = ending.apply(keys);
            ended.addAll(keys.living());
            ended.removeAll(next.living());
            return next;
          });
    } finally {
      lifeOf(bucket).writeLock().unlock();
    }
    ended.forEach(key -> cache.forget(key.id()));
    List<String> destroyed =
        ended.stream()
            .sorted(Comparator.comparingInt(BucketKey::version))
            .map(BucketKey::id)
            .toList();
    if (!destroyed.isEmpty()) {
      AUDIT.log(
          System.Logger.Level.WARNING,
          "keys destroyed: bucket {0}, {1}; what they protect cannot be read any more",
          bucket.value(),
          String.join(", ", destroyed));
    }
    return destroyed;
  }

  static WarehouseException noKeys(BucketName bucket) {
    return new WarehouseException(
        StandardErrorCode.NOT_FOUND, "bucket '" + bucket.value() + "' has no key");
  }

  /**
   * Deletes a bucket and drops its keys, so that a crash between leaves them to {@link
   * #completeDrops}.
   *
   * @param store the name of the store that has the bucket
   * @param deletion deletes it there, or throws
   */
  void drop(BucketName bucket, String store, Runnable deletion) {
    archive.announceDrop(bucket, store);
    try {
      deletion.run();
    } catch (RuntimeException e) {
      archive.forgetDrop(bucket);
      throw e;
    }
    dropKeys(bucket);
  }

  /**
   * Drops the keys of buckets that were being deleted when the node died.
   *
   * @param store the store that runs; what belongs to another one waits for it
   * @param present tells whether the bucket is still there
   */
  void completeDrops(String store, Predicate<BucketName> present) {
    archive
        .announcedDrops()
        .forEach(
            (bucket, owner) -> {
              if (!owner.equals(store)) {
                return;
              }
              if (present.test(bucket)) {
                archive.forgetDrop(bucket);
              } else {
                dropKeys(bucket);
              }
            });
  }

  private void dropKeys(BucketName bucket) {
    Set<String> ids =
        archive.unreadable().contains(bucket)
            ? Set.of()
            : archive.find(bucket).keys().stream().map(BucketKey::id).collect(Collectors.toSet());
    archive.remove(bucket);
    ids.forEach(cache::forget);
    archive.forgetDrop(bucket);
    if (!ids.isEmpty()) {
      AUDIT.log(
          System.Logger.Level.INFO,
          "keys dropped with bucket {0}: {1}",
          bucket.value(),
          String.join(", ", ids));
    }
  }

  // ---- what is known of it -------------------------------------------------------------------

  /** Returns whether there are bucket keys that only a master key opens: a new one would not do. */
  public boolean inUse() {
    return !archive.unreadable().isEmpty()
        || archive.all().values().stream().anyMatch(keys -> !keys.living().isEmpty());
  }

  private record Sample(BucketName bucket, BucketKey key) {}

  /**
   * Checks that each master key that wraps bucket keys is there and is the one that it was.
   *
   * @return what is wrong, each in words; nothing where all is well
   */
  public List<String> verify() {
    Map<String, Sample> samples = new TreeMap<>();
    archive
        .all()
        .forEach(
            (bucket, keys) ->
                keys.living()
                    .forEach(
                        key ->
                            key.masterKeyId()
                                .ifPresent(
                                    master ->
                                        samples.putIfAbsent(master, new Sample(bucket, key)))));
    List<String> problems = new ArrayList<>();
    samples.forEach(
        (master, sample) -> {
          try {
            byte[] material = materialOf(sample.bucket, sample.key);
            Arrays.fill(material, (byte) 0);
          } catch (WarehouseException e) {
            problems.add(e.detail());
          }
        });
    return problems;
  }

  /** Returns why keys cannot be used now, in words; empty where they can. */
  public Optional<String> problem() {
    Set<BucketName> unreadable = archive.unreadable();
    return source
        .problem()
        .or(
            () ->
                unreadable.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                        "the records of the keys of %d buckets are damaged, among them '%s'"
                            .formatted(unreadable.size(), unreadable.iterator().next().value())));
  }

  @Override
  public KeysStatus status() {
    List<MasterKey> masters;
    Optional<String> problem;
    try {
      masters = source.ask(KeyProvider::masterKeys);
      problem = problem();
    } catch (WarehouseException e) {
      masters = List.of();
      problem = Optional.of(e.detail());
    }
    Map<BucketName, BucketKeys> all = archive.all();
    Map<String, Long> wrapped =
        all.values().stream()
            .flatMap(keys -> keys.living().stream())
            .collect(
                Collectors.groupingBy(
                    key -> key.masterKeyId().orElseThrow(), Collectors.counting()));
    List<BucketStatus> buckets = new ArrayList<>();
    all.forEach(
        (bucket, keys) -> {
          if (!keys.keys().isEmpty()) {
            buckets.add(
                new BucketStatus(
                    bucket, true, keys.keys().stream().map(Keyring::statusOf).toList()));
          }
        });
    archive.unreadable().forEach(bucket -> buckets.add(new BucketStatus(bucket, false, List.of())));
    return new KeysStatus(
        source.name(),
        problem,
        masters.stream()
            .map(
                key ->
                    new MasterKeyStatus(
                        key.id(),
                        key.current() ? KeyState.ACTIVE : KeyState.RETIRED,
                        key.createdAt(),
                        wrapped.getOrDefault(key.id(), 0L),
                        Optional.empty()))
            .toList(),
        buckets,
        List.of());
  }

  private static BucketKeyStatus statusOf(BucketKey key) {
    return new BucketKeyStatus(
        key.id(),
        key.version(),
        key.state(),
        key.masterKeyId(),
        key.createdAt(),
        key.retiredAt(),
        key.destroyedAt(),
        Optional.empty());
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  /** Wipes what is in the open. */
  @Override
  public void close() {
    cache.close();
  }

  @Override
  public String toString() {
    return "Keyring of " + source.name().toLowerCase(Locale.ROOT);
  }
}
