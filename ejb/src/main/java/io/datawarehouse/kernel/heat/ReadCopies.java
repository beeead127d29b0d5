package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Copies of blobs in hot segments, between nodes: gives leases and calls copies back as an owner,
 * asks for leases and keeps copies as a holder. The rules are those of {@link LeaseBook} and {@link
 * CopyShelf}; this class sends their messages. Thread-safe.
 *
 * <p>Whoever changes a key must find the leases under which copies of it may be out. Of what lies
 * where a hash of bucket and key puts it, leases are of that segment of the cluster, which never
 * changes for a key. Of what lies in a bucket's own segments they are of the whole bucket, at each
 * of its owners ({@link LeasePlace}). A change asks for both where copies may be out from before
 * the bucket got another map.
 */
public final class ReadCopies implements AutoCloseable {

  /** For how long an offer stands that is not repeated. */
  private static final long OFFERED_NANOS = Duration.ofSeconds(5).toNanos();

  /** Waits for an answer. */
  @FunctionalInterface
  public interface Waiting {

    /** Waits for as long as the system's own clock says. */
    Waiting REAL = (answers, nanos) -> answers.tryAcquire(nanos, TimeUnit.NANOSECONDS);

    /** Returns when an answer is there, or so many nanoseconds are over; says which. */
    boolean await(Semaphore answers, long nanos) throws InterruptedException;
  }

  /**
   * How much and how long. Immutable.
   *
   * @param lease how long a lease runs; the same on all nodes and for ever
   * @param mostBytes how much the copies that this node keeps may take
   * @param largest the largest blob of which copies are made, here and of what is here
   */
  public record Settings(Duration lease, long mostBytes, long largest) {

    /** How long leases run. */
    public static final Duration LEASE = Duration.ofSeconds(2);

    /** Checks; the error names the field. */
    public Settings {
      if (lease.isNegative() || lease.isZero()) {
        throw WarehouseException.invalid("lease", lease, "must be more than zero");
      }
      if (mostBytes < 0) {
        throw WarehouseException.invalid("mostBytes", mostBytes, "must not be negative");
      }
      if (largest < 0 || largest > Integer.MAX_VALUE) {
        throw WarehouseException.invalid("largest", largest, "use 0 to 2147483647");
      }
    }

    /** Returns the defaults. */
    public static Settings defaults() {
      return new Settings(LEASE, 32L << 20, 1L << 20);
    }
  }

  /**
   * What they are made of.
   *
   * @param self this node
   * @param life a name that no other life of any node has
   * @param origins from where copies come
   * @param nodes how to ask one certain node
   * @param heat is told what holders served
   * @param ticker nanoseconds that only grow
   * @param waiting waits for holders
   * @param metrics counts
   * @param settings how much and how long
   */
  public record Options(
      NodeId self,
      String life,
      CopyOrigins origins,
      NodeRequests nodes,
      SegmentHeat heat,
      LongSupplier ticker,
      Waiting waiting,
      Metrics metrics,
      Settings settings) {}

  private final Options options;
  private final LeaseBook book;
  private final CopyShelf shelf;
  private final CopyBudget budget;
  private final Map<CopyShelf.Source, Long> offered = new ConcurrentHashMap<>();
  private final Set<NodeId> asking = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable Supplier<Set<BucketName>>> reviewed =
      new AtomicReference<>();
  private final List<Registration> registrations = new CopyOnWriteArrayList<>();
  private final Metrics.Counter hits;
  private final Metrics.Counter misses;
  private final Metrics.Counter kept;
  private final Metrics.Counter recalls;
  private final Metrics.Timer waits;
  private volatile Placement known;

  /** The maps by which this node knew last what it owns. */
  private final Map<BucketName, ShardMap> seen = new ConcurrentHashMap<>();

  private volatile boolean closed;

  /** Makes a node's part; it gives and gets nothing before it is registered and ticked. */
  public ReadCopies(Options options) {
    this.options = options;
    this.known = options.origins.placement().get();
    this.book = new LeaseBook(options.settings.lease, options.ticker, options.life);
    this.shelf = new CopyShelf(options.ticker, options.settings.mostBytes);
    this.budget = new CopyBudget(options.ticker);
    Metrics metrics = options.metrics;
    this.hits = metrics.counter("heat.copies.hits", "Reads answered from copies", Map.of());
    this.misses =
        metrics.counter("heat.copies.misses", "Reads under a lease that had no copy", Map.of());
    this.kept = metrics.counter("heat.copies.kept", "Copies that were taken", Map.of());
    this.recalls =
        metrics.counter("heat.copies.recalled", "Changes for which copies were dropped", Map.of());
    this.waits =
        metrics.timer("heat.recall.duration", "Time that changes waited for holders", Map.of());
    metrics.gauge("heat.copies.bytes", "Bytes that copies take", Map.of(), shelf::bytes);
    metrics.gauge("heat.copies", "Copies that this node keeps", Map.of(), shelf::size);
    metrics.gauge("heat.leases", "Leases that this node has", Map.of(), () -> leases().size());
  }

  /** Answers owners and holders from now on. Called once. */
  public void register(MessageBus bus) {
    registrations.add(
        bus.handle(
            HeatMessages.OFFER,
            HandlerOptions.direct(),
            MessageHandler.sync(message -> take(message.payload().as(HeatMessages.Offer.class)))));
    registrations.add(
        bus.handle(
            HeatMessages.LEASE,
            HandlerOptions.direct(),
            MessageHandler.sync(
                message ->
                    Reply.of(give(message.payload().as(HeatMessages.LeaseQuestion.class))))));
    Registration unused =
        bus.handle(
            HeatMessages.DROP,
            HandlerOptions.direct(),
            MessageHandler.sync(message -> drop(message.payload().as(HeatMessages.DropKey.class))));
  }

  // ---- the owner -------------------------------------------------------------------------------

  /** Says who may hold leases of what this node owns of a place, from now on. */
  void welcome(LeasePlace place, Collection<NodeId> holders) {
    book.welcome(place, holders);
  }

  /** Tells a node of what it may hold leases. */
  void offer(NodeId holder, List<LeasePlace> places) {
    var unused =
        options.nodes.requestAt(
            holder,
            Message.command(
                    HeatMessages.OFFER, Payload.of(new HeatMessages.Offer(options.self, places)))
                .timeout(options.settings.lease)
                .build());
  }

  /** Notes which segments this node owns now that another one owned before. */
  private Placement follow() {
    Placement now = options.origins.placement().get();
    if (now != known) {
      synchronized (this) {
        Placement before = known;
        for (int segment = 0; segment < now.segments(); segment++) {
          if (owns(now, segment) && !owns(before, segment)) {
            book.acquired(LeasePlace.hashed(segment));
            shelf.end(LeasePlace.hashed(segment));
          }
        }
        known = now;
      }
    }
    return now;
  }

  private boolean owns(Placement placement, int segment) {
    return placement.owners(segment).get(0).equals(options.self);
  }

  /** Returns whether this node owns a segment of the cluster, as far as it knows. */
  public boolean owns(int segment) {
    return owns(options.origins.placement().get(), segment);
  }

  /**
   * Looks at a bucket's map, and at what this node owns by it now that another one owned before; to
   * be called whenever there is another map, before this node takes changes by it or after.
   */
  @SuppressWarnings("ReferenceEquality") // Another object is another map, and comparing is dear.
  public void follow(BucketName bucket) {
    if (mapOf(bucket) != seen.get(bucket)) {
      synchronized (seen) {
        ShardMap now = mapOf(bucket);
        ShardMap before = seen.get(bucket);
        if (now == null) {
          seen.remove(bucket);
        } else if (now != before) {
          if (before != null && gains(before, now)) {
            book.acquired(LeasePlace.own(bucket));
          }
          // After that: whoever finds it here does not wait for what is done above.
          seen.put(bucket, now);
        }
      }
    }
  }

  private @Nullable ShardMap mapOf(BucketName bucket) {
    return options.origins.maps().apply(bucket).orElse(null);
  }

  /**
   * Returns whether this node may have got what another one had: it owns a segment that it did not
   * own before, and another one lost one, or nobody owned it.
   */
  private boolean gains(ShardMap before, ShardMap now) {
    List<Integer> fresh =
        now.own().stream()
            .filter(own -> own.owner().filter(options.self::equals).isPresent())
            .map(ShardMap.Own::segment)
            .filter(segment -> !keeps(options.self, segment, before))
            .toList();
    return !fresh.isEmpty()
        && (fresh.stream().anyMatch(segment -> before.has(segment))
            || before.own().stream()
                .anyMatch(
                    own ->
                        own.owner()
                            .filter(owner -> !owner.equals(options.self))
                            .filter(owner -> !keeps(owner, own.segment(), now))
                            .isPresent()));
  }

  private static boolean keeps(NodeId owner, int segment, ShardMap map) {
    return map.has(segment) && owner.equals(map.owner(segment));
  }

  /**
   * A time in which this node gives no leases of some places. Safely published, then thread-safe.
   */
  public final class Pause implements AutoCloseable {

    private final List<Runnable> ends = new ArrayList<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private long until;

    private Pause() {
      this.until = options.ticker.getAsLong();
    }

    private Pause with(long longest, Runnable end) {
      until = Math.max(until, options.ticker.getAsLong() + longest);
      ends.add(end);
      return this;
    }

    /** Returns after how many nanoseconds none of these leases runs any more. */
    public long remaining() {
      return Math.max(0, until - options.ticker.getAsLong());
    }

    /** Leases may be given again. */
    @Override
    public void close() {
      if (over.compareAndSet(false, true)) {
        ends.forEach(Runnable::run);
      }
    }
  }

  /**
   * Gives no leases of places until the pause is closed. Whoever makes other nodes the owners of
   * keys in them, or of some of these, first waits here until none is left.
   */
  public Pause pause(Collection<LeasePlace> places) {
    Placement unused = follow();
    Pause pause = new Pause();
    for (LeasePlace place : places) {
      place.bucket().ifPresent(this::follow);
      pause = pause.with(book.pause(place), () -> book.resume(place));
    }
    return pause;
  }

  /**
   * Does something after which no copy may be served that was made before, here or anywhere of this
   * node's blobs: first waits until all leases have run out.
   *
   * @throws WarehouseException {@code UNAVAILABLE} where the thread is interrupted; nothing is done
   *     then
   */
  public <T> T withoutCopies(Supplier<T> work) {
    follow();
    try (Pause pause = new Pause().with(book.pauseAll(), book::resumeAll)) {
      Semaphore never = new Semaphore(0);
      for (long left = pause.remaining(); left > 0; left = pause.remaining()) {
        boolean unused = options.waiting.await(never, left);
      }
      shelf.clear();
      return work.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE, "interrupted while copies were called back", e);
    }
  }

  /** Returns who holds a lease of what this node owns of a place. */
  List<NodeId> holders(LeasePlace place) {
    return book.holders(place);
  }

  /** Bounds what goes out as copies. */
  void limit(long bytes, Duration interval) {
    budget.limit(bytes, interval);
  }

  /** Returns how many bytes may still go out as copies now. */
  long budgetLeft() {
    return budget.left();
  }

  private HeatMessages.LeaseAnswer give(HeatMessages.LeaseQuestion question) {
    List<LeaseBook.Grant> granted = new ArrayList<>();
    List<LeasePlace> ended = new ArrayList<>();
    Placement unused = follow();
    question.served().forEach(this::count);
    for (LeasePlace place : question.places()) {
      place.bucket().ifPresent(this::follow);
      if (closed
          || !options.origins.owns(options.self, place)
          || !book.welcomes(question.holder(), place)) {
        ended.add(place);
      } else {
        book.ask(question.holder(), place).ifPresent(granted::add);
      }
    }
    return new HeatMessages.LeaseAnswer(granted, ended, book.length().toMillis());
  }

  /** Counts what a holder served in this node's place. */
  private void count(HeatMessages.Served served) {
    long reads = Math.max(0, served.reads());
    long bytes = Math.max(0, served.bytes());
    served
        .bucket()
        .ifPresentOrElse(
            bucket ->
                options
                    .heat
                    .own()
                    .count(
                        bucket,
                        served.segment(),
                        counter -> {
                          counter.reads.add(reads);
                          counter.bytes.add(bytes);
                        }),
            () -> {
              int segment = new LeasePlace(Optional.empty(), served.segment()).segment();
              options.heat.traffic().read(segment, reads);
              options.heat.traffic().bytes(segment, bytes);
            });
  }

  /** Returns whether this node may have given leases of a bucket's own segments in this life. */
  public boolean mayHaveGiven(BucketName bucket) {
    return book.knows(LeasePlace.own(bucket));
  }

  /** Begins to read a blob for the holder of a lease. */
  public LeaseBook.Reading reading(BlobKey key, LeasePlace place) {
    return book.reading(key, place);
  }

  /** Returns whether a version that was read may go out as a copy, and takes it off the budget. */
  public boolean mayGoOut(LeaseBook.Reading reading, long size) {
    return size <= options.settings.largest && reading.mayBeKept() && budget.take(size);
  }

  /** A change that is announced everywhere where copies may be out. Thread-safe. */
  public static final class Recall implements AutoCloseable {

    private final BlobKey key;
    private final List<LeaseBook.Change> changes;

    private Recall(BlobKey key, List<LeaseBook.Change> changes) {
      this.key = key;
      this.changes = changes;
    }

    private long remaining() {
      return changes.stream().mapToLong(LeaseBook.Change::remaining).max().orElse(0);
    }

    private Set<NodeId> waitingFor() {
      Set<NodeId> holders = new TreeSet<>();
      changes.forEach(change -> holders.addAll(change.waitingFor()));
      return holders;
    }

    private void answered(NodeId holder) {
      changes.forEach(change -> change.answered(holder));
    }

    @Override
    public void close() {
      changes.forEach(LeaseBook.Change::close);
    }
  }

  /**
   * Announces a change and returns when nobody can serve the old version any more. The commit comes
   * after this and before the change is closed.
   *
   * @param places where copies may have been given out by this node
   * @throws WarehouseException {@code UNAVAILABLE} where the thread is interrupted
   */
  public Recall recall(BlobKey key, Collection<LeasePlace> places) {
    Placement placement = follow();
    follow(key.bucket());
    List<LeaseBook.Change> changes = new ArrayList<>();
    for (LeasePlace place : places) {
      if (place.bucket().isEmpty() && !owns(placement, place.segment())) {
        // It does by a table that the placement has not caught up with.
        book.acquired(place);
      }
      changes.add(book.begin(key, place));
    }
    Recall recall = new Recall(key, changes);
    if (recall.remaining() == 0) {
      return recall;
    }
    boolean free = false;
    long begin = options.ticker.getAsLong();
    try {
      recalls.increment();
      await(recall, tell(recall));
      free = true;
      return recall;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE, "interrupted while copies were called back", e);
    } finally {
      waits.record(options.ticker.getAsLong() - begin);
      if (!free) {
        recall.close();
      }
    }
  }

  /** Returns a semaphore that gets a permit with every answer. */
  private Semaphore tell(Recall recall) {
    Semaphore answers = new Semaphore(0);
    BlobKey key = recall.key;
    Message message =
        Message.command(
                HeatMessages.DROP, Payload.of(new HeatMessages.DropKey(key.bucket(), key.key())))
            .timeout(options.settings.lease)
            .build();
    for (NodeId holder : recall.waitingFor()) {
      options
          .nodes
          .requestAt(holder, message)
          .whenComplete(
              (reply, failure) -> {
                if (failure == null) {
                  recall.answered(holder);
                  answers.release();
                }
              });
    }
    return answers;
  }

  private void await(Recall recall, Semaphore answers) throws InterruptedException {
    for (long left = recall.remaining(); left > 0; left = recall.remaining()) {
      boolean unused = options.waiting.await(answers, left);
    }
  }

  // ---- the holder ------------------------------------------------------------------------------

  private Reply take(HeatMessages.Offer offer) {
    long now = options.ticker.getAsLong();
    for (LeasePlace place : offer.places()) {
      if (options.settings.mostBytes > 0
          && !offer.owner().equals(options.self)
          && options.origins.owns(offer.owner(), place)) {
        offered.put(new CopyShelf.Source(offer.owner(), place), now + OFFERED_NANOS);
      }
    }
    return Reply.empty();
  }

  private Reply drop(HeatMessages.DropKey order) {
    shelf.drop(new BlobKey(order.bucket(), order.key()));
    return Reply.empty();
  }

  /** Asks for what is offered, and for more time for what is held; called twice a second or so. */
  public void tick() {
    shelf.tidy();
    Supplier<Set<BucketName>> buckets = reviewed.getAndSet(null);
    if (buckets != null) {
      review(buckets.get());
    }
    long now = options.ticker.getAsLong();
    Placement unused = follow();
    Map<NodeId, List<LeasePlace>> byOwner = new HashMap<>();
    offered.forEach(
        (source, until) -> {
          if (now - until >= 0 || !options.origins.owns(source.owner(), source.place())) {
            offered.remove(source, until);
            shelf.end(source);
          } else {
            byOwner.computeIfAbsent(source.owner(), none -> new ArrayList<>()).add(source.place());
          }
        });
    if (!closed) {
      byOwner.forEach(this::ask);
    }
  }

  private void ask(NodeId owner, List<LeasePlace> places) {
    if (!asking.add(owner)) {
      return;
    }
    long askedAt = options.ticker.getAsLong();
    List<HeatMessages.Served> served =
        places.stream()
            .flatMap(place -> shelf.takeServed(new CopyShelf.Source(owner, place)).stream())
            .toList();
    options
        .nodes
        .requestAt(
            owner,
            Message.query(
                    HeatMessages.LEASE,
                    Payload.of(new HeatMessages.LeaseQuestion(options.self, places, served)))
                .timeout(options.settings.lease)
                .build())
        .whenComplete(
            (reply, failure) -> {
              asking.remove(owner);
              if (failure == null && !closed) {
                granted(owner, askedAt, reply.as(HeatMessages.LeaseAnswer.class));
              }
            });
  }

  private void granted(NodeId owner, long askedAt, HeatMessages.LeaseAnswer answer) {
    Duration length = Duration.ofMillis(answer.lengthMillis());
    for (LeaseBook.Grant grant : answer.granted()) {
      shelf.granted(new CopyShelf.Source(owner, grant.place()), grant.name(), askedAt, length);
    }
    for (LeasePlace place : answer.ended()) {
      CopyShelf.Source source = new CopyShelf.Source(owner, place);
      offered.remove(source);
      shelf.end(source);
    }
  }

  /** Returns whether this node has any lease, or had until moments ago; quick. */
  public boolean hasAny() {
    return !shelf.isEmpty();
  }

  /** Returns whether a read of a key may be served here though another node owns it. */
  public boolean serves(BlobKey key) {
    return hasAny()
        && origin(key)
            .map(CopyOrigins.Origin::source)
            .filter(source -> shelf.holds(source.owner(), source.place()))
            .isPresent();
  }

  /** Returns from where this node may have copies of a key; empty where it may not have any. */
  public Optional<CopyOrigins.Origin> origin(BlobKey key) {
    return options
        .origins
        .of(key)
        .filter(origin -> !origin.source().owner().equals(options.self))
        .filter(origin -> options.origins.admits(origin, options.self));
  }

  /**
   * Returns whether a node may have copies of a key from this one, by a lease of that place; it
   * must have been found that this node owns the key.
   */
  public boolean givesTo(NodeId holder, BlobKey key, LeasePlace place) {
    return options
        .origins
        .of(key)
        .filter(origin -> origin.source().equals(new CopyShelf.Source(options.self, place)))
        .filter(origin -> options.origins.admits(origin, holder))
        .isPresent();
  }

  /** Returns whether a read came here because of a lease, be it that it has just run out. */
  public boolean servedLately(CopyShelf.Source source) {
    return shelf.knows(source.owner(), source.place());
  }

  /**
   * Returns a copy that may be served now.
   *
   * @param segment where the key lies
   */
  public Optional<CopyShelf.Copy> find(BlobKey key, int segment, CopyShelf.Source source) {
    Optional<CopyShelf.Copy> copy = shelf.find(key, segment, source);
    if (copy.isPresent()) {
      hits.increment();
      options.heat.keys().offer(key, segment);
    } else {
      misses.increment();
    }
    return copy;
  }

  /** Counts bytes that a copy gave; the owner is told of them with the next question. */
  public void gave(CopyShelf.Source source, int segment, long bytes) {
    shelf.served(source, segment, bytes);
  }

  /** Returns how much the copies that this node keeps may take. */
  public long mostBytes() {
    return options.settings.mostBytes;
  }

  /** Returns how large a blob may be of which this node can keep a copy; 0 for none. */
  public long largest() {
    return Math.max(
        0, Math.min(options.settings.largest, options.settings.mostBytes - CopyShelf.OVERHEAD));
  }

  /** Begins a fetch; empty where nothing could be kept. */
  public Optional<CopyShelf.Fetch> fetch(BlobKey key, CopyShelf.Source source) {
    return shelf.fetch(key, source);
  }

  /** Keeps what was fetched, if it may be kept. */
  public void keep(CopyShelf.Fetch fetch, CopyShelf.Copy copy) {
    if (shelf.keep(fetch, copy)) {
      kept.increment();
    }
  }

  /** Drops what was fetched, if it was kept. */
  public void drop(CopyShelf.Fetch fetch) {
    shelf.drop(fetch.key());
  }

  /**
   * Has this node look, within a tick, at what other maps of buckets mean for copies: what it owns
   * now, which copies it may not have any more, and what need not be remembered.
   *
   * @param buckets those that there are then
   */
  public void review(Supplier<Set<BucketName>> buckets) {
    reviewed.set(buckets);
  }

  private void review(Set<BucketName> buckets) {
    buckets.forEach(this::follow);
    seen.keySet().retainAll(buckets);
    book.retain(buckets);
    shelf.retain((key, source) -> origin(key).filter(at -> at.source().equals(source)).isPresent());
  }

  /** Returns from where this node has leases. */
  public List<CopyShelf.Source> leases() {
    return shelf.held();
  }

  /**
   * Gives no leases, asks for none and serves no copies any more. Leases that were given are waited
   * for as before, and orders to drop keys are answered as long as there is a bus.
   */
  @Override
  public void close() {
    closed = true;
    registrations.forEach(Registration::close);
    shelf.held().forEach(shelf::end);
  }
}
