package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import io.datawarehouse.sdk.blob.BlobKey;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Copies of blobs in hot segments, between nodes: gives leases and calls copies back as an owner,
 * asks for leases and keeps copies as a holder. The rules are those of {@link LeaseBook} and {@link
 * CopyShelf}; this class sends their messages. Thread-safe.
 *
 * <p>A segment is here always one of the cluster's, as a hash of bucket and key finds it: that
 * never changes for a key, so that whoever changes a key finds the leases under which copies of it
 * may be out. Copies are given only of what the owner of that segment owns by it.
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
   * @param placement who owns what
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
      Supplier<Placement> placement,
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
  private final Map<Integer, Long> offered = new ConcurrentHashMap<>();
  private final Set<NodeId> asking = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable Predicate<BlobKey>> reviewed = new AtomicReference<>();
  private final List<Registration> registrations = new CopyOnWriteArrayList<>();
  private final Metrics.Counter hits;
  private final Metrics.Counter misses;
  private final Metrics.Counter kept;
  private final Metrics.Counter recalls;
  private final Metrics.Timer waits;
  private volatile Placement known;
  private volatile boolean closed;

  /** Makes a node's part; it gives and gets nothing before it is registered and ticked. */
  public ReadCopies(Options options) {
    this.options = options;
    this.known = options.placement.get();
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
    metrics.gauge(
        "heat.leases", "Segments of which this node has a lease", Map.of(), () -> leases().size());
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

  /** Says who may hold leases of a segment that this node owns, from now on. */
  void welcome(int segment, Collection<NodeId> holders) {
    book.welcome(segment, holders);
  }

  /** Tells a node of the segments of which it may hold leases. */
  void offer(NodeId holder, List<Integer> segments) {
    var unused =
        options.nodes.requestAt(
            holder,
            Message.command(
                    HeatMessages.OFFER, Payload.of(new HeatMessages.Offer(options.self, segments)))
                .timeout(options.settings.lease)
                .build());
  }

  /** Notes which segments this node owns now that another one owned before. */
  private Placement follow() {
    Placement now = options.placement.get();
    if (now != known) {
      synchronized (this) {
        Placement before = known;
        for (int segment = 0; segment < now.segments(); segment++) {
          if (owns(now, segment) && !owns(before, segment)) {
            book.acquired(segment);
            shelf.end(segment);
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

  /** Returns whether this node owns a segment, as far as it knows. */
  public boolean owns(int segment) {
    return owns(options.placement.get(), segment);
  }

  /** A time in which this node gives no leases of some segments. Thread-safe. */
  public final class Pause implements AutoCloseable {

    private final List<Integer> segments;
    private final long until;
    private final AtomicBoolean over = new AtomicBoolean();

    private Pause(Collection<Integer> segments) {
      this.segments = List.copyOf(segments);
      Placement unused = follow();
      long longest = 0;
      for (int segment : this.segments) {
        longest = Math.max(longest, book.pause(segment));
      }
      this.until = options.ticker.getAsLong() + longest;
    }

    /** Returns after how many nanoseconds no lease of these segments runs any more. */
    public long remaining() {
      return Math.max(0, until - options.ticker.getAsLong());
    }

    /** Leases may be given again. */
    @Override
    public void close() {
      if (over.compareAndSet(false, true)) {
        segments.forEach(book::resume);
      }
    }
  }

  /**
   * Gives no leases of segments until the pause is closed. Whoever makes other nodes the owners of
   * their keys, or of some of them, first waits here until none is left.
   */
  public Pause pause(Collection<Integer> segments) {
    return new Pause(segments);
  }

  /**
   * Does something after which no copy may be served that was made before, here or anywhere of this
   * node's blobs: first waits until all leases have run out.
   *
   * @throws WarehouseException {@code UNAVAILABLE} where the thread is interrupted; nothing is done
   *     then
   */
  public <T> T withoutCopies(Supplier<T> work) {
    try (Pause pause = pause(all())) {
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

  private static List<Integer> all() {
    return IntStream.range(0, SingleNodePlacement.SEGMENTS).boxed().toList();
  }

  /** Returns who holds a lease of a segment that this node owns. */
  List<NodeId> holders(int segment) {
    return book.holders(segment);
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
    List<Integer> ended = new ArrayList<>();
    Placement placement = follow();
    for (HeatMessages.Served served : question.segments()) {
      int segment = served.segment();
      if (segment < 0 || segment >= placement.segments()) {
        throw WarehouseException.invalid("segment", segment, "there is no such segment");
      }
      options.heat.traffic().read(segment, Math.max(0, served.reads()));
      options.heat.traffic().bytes(segment, Math.max(0, served.bytes()));
      if (closed || !owns(placement, segment) || !book.welcomes(question.holder(), segment)) {
        ended.add(segment);
      } else {
        book.ask(question.holder(), segment).ifPresent(granted::add);
      }
    }
    return new HeatMessages.LeaseAnswer(granted, ended, book.length().toMillis());
  }

  /** Begins to read a blob for the holder of a lease. */
  public LeaseBook.Reading reading(BlobKey key, int segment) {
    return book.reading(key, segment);
  }

  /** Returns whether a version that was read may go out as a copy, and takes it off the budget. */
  public boolean mayGoOut(LeaseBook.Reading reading, long size) {
    return size <= options.settings.largest && reading.mayBeKept() && budget.take(size);
  }

  /**
   * Announces a change and returns when nobody can serve the old version any more. The commit comes
   * after this and before the change is closed.
   *
   * @throws WarehouseException {@code UNAVAILABLE} where the thread is interrupted
   */
  public LeaseBook.Change recall(BlobKey key, int segment) {
    if (!owns(follow(), segment)) {
      // It does by a table that the placement has not caught up with.
      book.acquired(segment);
    }
    LeaseBook.Change change = book.begin(key, segment);
    if (change.remaining() == 0) {
      return change;
    }
    boolean free = false;
    long begin = options.ticker.getAsLong();
    try {
      recalls.increment();
      await(change, tell(change));
      free = true;
      return change;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE, "interrupted while copies were called back", e);
    } finally {
      waits.record(options.ticker.getAsLong() - begin);
      if (!free) {
        change.close();
      }
    }
  }

  /** Returns a semaphore that gets a permit with every answer. */
  private Semaphore tell(LeaseBook.Change change) {
    Semaphore answers = new Semaphore(0);
    BlobKey key = change.key();
    Message message =
        Message.command(
                HeatMessages.DROP,
                Payload.of(new HeatMessages.DropKey(key.bucket(), key.key(), change.segment())))
            .timeout(options.settings.lease)
            .build();
    for (NodeId holder : change.waitingFor()) {
      options
          .nodes
          .requestAt(holder, message)
          .whenComplete(
              (reply, failure) -> {
                if (failure == null) {
                  change.answered(holder);
                  answers.release();
                }
              });
    }
    return answers;
  }

  private void await(LeaseBook.Change change, Semaphore answers) throws InterruptedException {
    for (long left = change.remaining(); left > 0; left = change.remaining()) {
      boolean unused = options.waiting.await(answers, left);
    }
  }

  // ---- the holder ------------------------------------------------------------------------------

  private Reply take(HeatMessages.Offer offer) {
    Placement placement = options.placement.get();
    long now = options.ticker.getAsLong();
    for (int segment : offer.segments()) {
      if (options.settings.mostBytes > 0
          && segment >= 0
          && segment < placement.segments()
          && placement.owners(segment).get(0).equals(offer.owner())
          && !offer.owner().equals(options.self)) {
        offered.put(segment, now + OFFERED_NANOS);
      }
    }
    return Reply.empty();
  }

  private Reply drop(HeatMessages.DropKey order) {
    shelf.drop(new BlobKey(order.bucket(), order.key()), order.segment());
    return Reply.empty();
  }

  /** Asks for what is offered, and for more time for what is held; called twice a second or so. */
  public void tick() {
    shelf.tidy();
    Predicate<BlobKey> allowed = reviewed.getAndSet(null);
    if (allowed != null) {
      shelf.retain(allowed);
    }
    long now = options.ticker.getAsLong();
    Placement placement = follow();
    Map<NodeId, List<Integer>> byOwner = new HashMap<>();
    offered.forEach(
        (segment, until) -> {
          NodeId owner = placement.owners(segment).get(0);
          if (now - until >= 0 || owner.equals(options.self)) {
            offered.remove(segment, until);
            shelf.end(segment);
          } else {
            byOwner.computeIfAbsent(owner, unused -> new ArrayList<>()).add(segment);
          }
        });
    if (!closed) {
      byOwner.forEach(this::ask);
    }
  }

  private void ask(NodeId owner, List<Integer> segments) {
    if (!asking.add(owner)) {
      return;
    }
    long askedAt = options.ticker.getAsLong();
    List<HeatMessages.Served> served =
        segments.stream()
            .map(
                segment ->
                    new HeatMessages.Served(
                        segment, shelf.takeServed(segment), shelf.takeServedBytes(segment)))
            .toList();
    options
        .nodes
        .requestAt(
            owner,
            Message.query(
                    HeatMessages.LEASE,
                    Payload.of(new HeatMessages.LeaseQuestion(options.self, served)))
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
      shelf.granted(grant.segment(), owner, grant.name(), askedAt, length);
    }
    for (int segment : answer.ended()) {
      offered.remove(segment);
      shelf.end(segment);
    }
  }

  /** Returns whether a read of a segment may be served here though another node owns it. */
  public boolean serves(int segment) {
    NodeId owner = options.placement.get().owners(segment).get(0);
    return !owner.equals(options.self) && shelf.holds(segment, owner);
  }

  /** Returns whether a read came here because of a lease, be it that it has just run out. */
  public boolean servedLately(int segment) {
    NodeId owner = options.placement.get().owners(segment).get(0);
    return !owner.equals(options.self) && shelf.knows(segment, owner);
  }

  /** Returns a copy that may be served now. */
  public Optional<CopyShelf.Copy> find(BlobKey key, int segment) {
    Optional<CopyShelf.Copy> copy =
        shelf.find(key, segment, options.placement.get().owners(segment).get(0));
    if (copy.isPresent()) {
      hits.increment();
      options.heat.keys().offer(key, segment);
    } else {
      misses.increment();
    }
    return copy;
  }

  /** Counts bytes that a copy gave; the owner is told of them with the next question. */
  public void gave(int segment, long bytes) {
    shelf.served(segment, bytes);
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
  public Optional<CopyShelf.Fetch> fetch(BlobKey key, int segment) {
    return shelf.fetch(key, segment, options.placement.get().owners(segment).get(0));
  }

  /** Keeps what was fetched, if it may be kept. */
  public void keep(CopyShelf.Fetch fetch, CopyShelf.Copy copy) {
    if (shelf.keep(fetch, copy)) {
      kept.increment();
    }
  }

  /** Drops what was fetched, if it was kept. */
  public void drop(CopyShelf.Fetch fetch) {
    shelf.drop(fetch.key(), fetch.segment());
  }

  /** Drops, within a tick, the copies of keys of which there must be none any more. */
  public void review(Predicate<BlobKey> allowed) {
    reviewed.set(allowed);
  }

  /** Returns the segments of which this node has leases. */
  public List<Integer> leases() {
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
    for (int segment : shelf.held()) {
      shelf.end(segment);
    }
  }
}
