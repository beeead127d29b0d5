package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.blob.BlobCopies;
import io.datawarehouse.kernel.blob.ForeignCopies;
import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.kernel.heat.ReadCopies;
import io.datawarehouse.kernel.placement.KeyGate;
import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.kernel.sharding.ShardOwnership;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.metric.Metrics;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A node's part in plans: it answers what other nodes ask, copies what leaves it, takes what comes,
 * and drives the plan where it leads. Thread-safe; {@link #tick()} is called about twice a second.
 */
public final class Rebalancing implements AutoCloseable {

  /**
   * What it works with. Immutable.
   *
   * @param membership who is there
   * @param coordinator who agrees
   * @param ownership who owns what
   * @param nodes how to ask one certain node
   * @param gate holds back changes of keys that move
   * @param copies gives and takes versions of blobs
   * @param foreign counts copies that others own
   * @param leases the leases under which others serve copies in memory; empty where there are none
   * @param kinds the kinds of changes that there are
   * @param storage a durable map of its own
   * @param clock tells the time
   * @param ticker nanoseconds that only grow
   * @param executor runs what takes long; a task of each kind is there once
   * @param ids names plans
   * @param metrics counts
   * @param audit told who did what: what, by whom, and which plan
   * @param rules when plans are made without being asked
   * @param settings sizes and times
   */
  public record Options(
      ClusterMembership membership,
      ClusterCoordinator coordinator,
      ShardOwnership ownership,
      NodeRequests nodes,
      KeyGate gate,
      BlobCopies copies,
      ForeignCopies foreign,
      Optional<ReadCopies> leases,
      List<OwnershipChange.Kind> kinds,
      KernelStorage storage,
      Clock clock,
      LongSupplier ticker,
      Executor executor,
      Supplier<String> ids,
      Metrics metrics,
      Audit audit,
      Rules rules,
      Settings settings) {}

  /**
   * When plans are made and started without being asked.
   *
   * @param allowed whether the cluster acts by itself now
   * @param interval the least time between two such plans
   * @param mostMovedPercent how much of all bytes such a plan may move
   * @param brake why nobody may be judged to be dead now; empty as a rule
   * @param held how much is in each segment; may wait
   */
  public record Rules(
      BooleanSupplier allowed,
      Supplier<Duration> interval,
      IntSupplier mostMovedPercent,
      Supplier<Optional<String>> brake,
      Supplier<Held> held) {}

  /**
   * How much is in segments, as far as that is known. Immutable.
   *
   * @param cluster of each of the cluster's; empty where that is not known of any
   * @param own of buckets' own, as far as that is known
   */
  public record Held(List<OptionalLong> cluster, Map<BucketName, Map<Integer, Long>> own) {
    /** Copies. */
    public Held {
      cluster = List.copyOf(cluster);
      Map<BucketName, Map<Integer, Long>> copy = new HashMap<>();
      own.forEach((bucket, segments) -> copy.put(bucket, Map.copyOf(segments)));
      own = Map.copyOf(copy);
    }

    /** Returns how much is in a segment of a bucket's own. */
    OptionalLong own(BucketName bucket, int segment) {
      Long bytes = own.getOrDefault(bucket, Map.of()).get(segment);
      return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes);
    }
  }

  /** Told who did what. */
  @FunctionalInterface
  public interface Audit {
    /** Somebody did something with a plan. */
    void done(String what, String by, String plan);
  }

  /**
   * Sizes and times. Immutable.
   *
   * @param bytesPerSecond how much a node sends at most; 0 for any number
   * @param grace how long copies stay after their keys have left
   * @param agreement how long an agreement may take
   * @param answer how long another node's answer may take
   * @param sealed how long changes wait at most before they go on here
   * @param quiet how long changes that are under way may take to end
   * @param patience how long a plan waits for changes that take longer before it goes on without
   *     their segments
   */
  public record Settings(
      long bytesPerSecond,
      Duration grace,
      Duration agreement,
      Duration answer,
      Duration sealed,
      Duration quiet,
      Duration patience) {

    /** Returns what is usual. */
    public static Settings of(long bytesPerSecond, Duration grace, Duration agreement) {
      return new Settings(
          bytesPerSecond,
          grace,
          agreement,
          Duration.ofSeconds(30),
          Duration.ofSeconds(2),
          Duration.ofSeconds(1),
          Duration.ofMinutes(1));
    }
  }

  private static final System.Logger LOG = System.getLogger(Rebalancing.class.getName());
  private static final HandlerOptions WAITING =
      HandlerOptions.defaults().withOrdering(HandlerOptions.Ordering.UNORDERED).withConcurrency(16);

  /** How much may be left to send while changes wait. */
  private static final long LAST_BYTES = 8L << 20;

  /** How long the owners may take to count all that they hold. */
  private static final Duration COUNTING = Duration.ofMinutes(2);

  /** How long the leader may take to tell what it decided. */
  private static final Duration TELLING = Duration.ofSeconds(2);

  private static final int PAGE = 1_000;

  /** Every so many ticks it looks again what was agreed on: not every change is told. */
  private static final int TICKS_TO_LOOK = 10;

  private final Options options;
  private final NodeId self;
  private final AgreedPlans plans;
  private final Arrivals arrivals;
  private final Departures departures;
  private final PlanDriver driver;
  private final PlanDesk desk;
  private final PlanJournal journal;
  private final Chore settling;
  private final Chore copying;
  private final Chore driving;
  private final Chore dropping;
  private final Watch watch;
  private final List<Registration> registrations = new ArrayList<>();
  private final AtomicInteger ticks = new AtomicInteger();
  private volatile boolean closed;

  /**
   * Makes a node's part. Where it holds back changes from before a restart it does so at once, so
   * it is made before the node answers for blobs.
   */
  public Rebalancing(Options options) {
    this.options = options;
    this.self = options.membership.localNodeId();
    Settings settings = options.settings;
    Map<String, OwnershipChange.Kind> kinds = new HashMap<>();
    options.kinds.forEach(kind -> kinds.put(kind.name(), kind));
    MoveRecords records = new MoveRecords(options.storage, kinds);
    MovesMetrics metrics = new MovesMetrics(options.metrics);
    this.plans = new AgreedPlans(options.coordinator, options.kinds, settings.agreement);
    this.arrivals =
        new Arrivals(
            new Arrivals.Options(
                self,
                options.ownership,
                options.copies,
                options.foreign,
                plans,
                records,
                options.clock,
                settings.agreement,
                metrics,
                () -> options.membership.view().find(self).map(ClusterNode::descriptor)));
    this.departures = newDepartures(records, metrics);
    this.driver = newDriver();
    this.desk = newDesk();
    this.journal =
        new PlanJournal(
            new PlanJournal.Options(
                self, options.coordinator, options.nodes, options.clock, TELLING, options.metrics));
    PlanInitiative initiative = newInitiative();
    this.settling = new Chore("settling what moved", this::settle);
    this.copying = new Chore("copying what leaves", departures::advance);
    this.driving =
        new Chore(
            "driving the plan",
            () -> {
              driver.drive();
              initiative.act();
            });
    this.dropping = new Chore("dropping what has left", arrivals::dropLeftovers);
    this.watch = options.ownership.watch(new Chore("settling what has moved", this::settleQuietly));
    options.foreign.whenAsked(this::settleQuietly);
    for (PlanState state : PlanState.values()) {
      options.metrics.gauge(
          "rebalance.plans",
          "Plans that are remembered, by state",
          Map.of("state", state.name().toLowerCase(java.util.Locale.ROOT)),
          () -> plans.all().stream().filter(plan -> plan.plan().state() == state).count());
    }
  }

  private Departures newDepartures(MoveRecords records, MovesMetrics metrics) {
    Settings settings = options.settings;
    Throttle throttle =
        new Throttle(
            settings.bytesPerSecond,
            options.ticker,
            java.util.concurrent.TimeUnit.NANOSECONDS::sleep);
    return new Departures(
        new Departures.Options(
            self,
            options.ownership,
            options.copies,
            new CopySender(options.copies, options.nodes, throttle, settings.answer, metrics),
            options.gate,
            options.leases,
            arrivals,
            plans,
            records,
            options.coordinator,
            options.clock,
            options.ticker,
            new Departures.Limits(
                settings.agreement, settings.sealed, settings.quiet, settings.grace, LAST_BYTES),
            metrics));
  }

  private PlanDriver newDriver() {
    return new PlanDriver(
        new PlanDriver.Options(
            self,
            options.membership,
            options.coordinator,
            options.ownership,
            options.nodes,
            plans,
            options.clock,
            options.ticker,
            options.settings.agreement,
            options.settings.quiet.plus(options.settings.sealed).multipliedBy(2).plusSeconds(1),
            options.settings.patience));
  }

  private PlanInitiative newInitiative() {
    return new PlanInitiative(
        new PlanInitiative.Options(
            options.membership,
            options.coordinator,
            options.ownership,
            plans,
            desk,
            options.clock,
            options.rules,
            journal));
  }

  private PlanDesk newDesk() {
    AgreedEntries entries = new AgreedEntries(options.coordinator, options.settings.agreement);
    PlanDrafts drafts =
        new PlanDrafts(
            new PlanDrafts.Options(
                options.membership,
                entries,
                options.ownership,
                options.nodes,
                options.settings.agreement,
                COUNTING));
    return new PlanDesk(
        new PlanDesk.Options(
            options.membership,
            entries,
            options.ownership,
            drafts,
            plans,
            options.clock,
            options.ids,
            options.settings.bytesPerSecond,
            options.settings.agreement,
            options.audit::done));
  }

  /** Returns what makes and steers plans. */
  public RebalanceOffice office() {
    return desk;
  }

  /** Returns why plans were made without being asked for, or none; asks the leader, and waits. */
  public PlanDecisions decisions() {
    return journal.all();
  }

  /** Returns whether no plan runs and nothing leaves, as far as this node knows. */
  public boolean idle() {
    return plans.active().isEmpty() && departures.busyWith().isEmpty();
  }

  // ---- chores ----------------------------------------------------------------------------------

  /** Something that is done again and again, one at a time, and goes on after a failure. */
  private final class Chore implements Runnable {

    private final String name;
    private final Runnable work;
    private final AtomicBoolean busy = new AtomicBoolean();

    Chore(String name, Runnable work) {
      this.name = name;
      this.work = work;
    }

    @Override
    public void run() {
      if (closed || !busy.compareAndSet(false, true)) {
        return;
      }
      try {
        options.executor.execute(this::work);
      } catch (RejectedExecutionException e) {
        busy.set(false);
      }
    }

    private void work() {
      try {
        work.run();
      } catch (WarehouseException e) {
        LOG.log(
            System.Logger.Level.DEBUG, () -> name + " failed; it is tried again: " + e.detail());
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, name + " failed; it is tried again", e);
      } finally {
        busy.set(false);
      }
    }
  }

  /** Does what is due, unless it is under way already. */
  public void tick() {
    if (ticks.getAndIncrement() % TICKS_TO_LOOK == 0) {
      plans.look();
    }
    settling.run();
    copying.run();
    driving.run();
    dropping.run();
  }

  /** Looks again what was agreed on, for plans that this node has not heard of; does not wait. */
  public void look() {
    plans.look();
  }

  private void settle() {
    departures.settle();
    arrivals.settle();
  }

  /** Before others are told how much there is; nobody must be asked for it. */
  private void settleQuietly() {
    departures.settleKnown();
    arrivals.settleKnown();
  }

  // ---- what other nodes ask --------------------------------------------------------------------

  /** Puts the handlers on the bus. Called once. */
  public void register(MessageBus bus) {
    answer(bus, NodeMoves.OPEN, WAITING, NodeMoves.Open.class, m -> arrivals.open(m.session()));
    answer(bus, NodeMoves.COMPARE, WAITING, NodeMoves.Compare.class, arrivals::compare);
    answer(bus, NodeMoves.REMOVE, WAITING, NodeMoves.Remove.class, arrivals::remove);
    answer(bus, NodeMoves.CLOSE, WAITING, NodeMoves.Close.class, m -> arrivals.close(m.session()));
    answer(bus, NodeMoves.SEAL, WAITING, NodeMoves.Seal.class, departures::seal);
    answer(
        bus,
        NodeMoves.PROGRESS,
        HandlerOptions.direct(),
        NodeMoves.ProgressQuestion.class,
        m -> departures.progress(m.plan()));
    answer(
        bus,
        NodeMoves.WRITING,
        HandlerOptions.direct(),
        NodeMoves.WritingQuestion.class,
        m -> departures.writing(m.plan()));
    answer(
        bus,
        NodeMoves.DECISIONS,
        HandlerOptions.direct(),
        NodeMoves.DecisionsQuestion.class,
        m -> journal.own());
    answer(bus, NodeMoves.SIZES, WAITING, NodeMoves.SizesQuestion.class, m -> sizes());
    registrations.add(
        bus.handle(NodeMoves.STORE, HandlerOptions.direct(), MessageHandler.sync(this::store)));
  }

  private <T> void answer(
      MessageBus bus,
      Topic topic,
      HandlerOptions handling,
      Class<T> type,
      Function<T, Object> function) {
    registrations.add(
        bus.handle(
            topic,
            handling,
            MessageHandler.sync(
                message -> Reply.of(Payload.of(function.apply(message.payload().as(type)))))));
  }

  private Reply store(Message message) {
    Content content =
        message
            .content()
            .orElseThrow(
                () -> WarehouseException.invalid("content", null, "a copy carries its content"));
    try {
      return Reply.of(
          Payload.of(arrivals.store(message.payload().as(NodeMoves.Store.class), content)));
    } finally {
      try {
        content.close();
      } catch (UncheckedIOException e) {
        LOG.log(System.Logger.Level.DEBUG, "the source of a copy could not be closed", e);
      }
    }
  }

  private NodeMoves.Sizes sizes() {
    HeldSizes held = new HeldSizes();
    for (BucketName bucket : options.copies.buckets()) {
      String after = "";
      boolean more = true;
      while (more) {
        BlobCopies.Page page =
            options.copies.page(
                bucket,
                after,
                Optional.empty(),
                key -> options.ownership.owner(key).map(self::equals).orElse(false),
                PAGE);
        for (BlobManifest manifest : page.manifests()) {
          held.add(bucket, options.ownership.segment(manifest.blobKey()), manifest.size());
        }
        more = page.next().isPresent();
        after = page.next().orElse(after);
        requireOpen();
      }
    }
    return held.toSizes();
  }

  private void requireOpen() {
    if (closed) {
      throw new WarehouseException(StandardErrorCode.UNAVAILABLE, "the node is stopping");
    }
  }

  /** Takes the handlers off the bus and begins nothing more. */
  @Override
  public void close() {
    closed = true;
    watch.close();
    plans.close();
    registrations.forEach(Registration::close);
    registrations.clear();
  }
}
