package io.datawarehouse.kernel.boot;

import io.datawarehouse.kernel.balance.BalancingOffice;
import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.kernel.heat.CopyOrigins;
import io.datawarehouse.kernel.heat.HeatRules;
import io.datawarehouse.kernel.heat.HotSegments;
import io.datawarehouse.kernel.heat.HotShardOffice;
import io.datawarehouse.kernel.heat.HotShards;
import io.datawarehouse.kernel.heat.OwnSegments;
import io.datawarehouse.kernel.heat.ReadCopies;
import io.datawarehouse.kernel.heat.SegmentCensus;
import io.datawarehouse.kernel.heat.SegmentFigures;
import io.datawarehouse.kernel.heat.SegmentHeat;
import io.datawarehouse.kernel.metric.PrometheusMetrics;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardMaps;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * Starts what watches the warmth of segments, on a node that is alone as on a member of a cluster.
 * Used once, by one thread.
 */
final class HeatAssembly {

  /**
   * What the node gives.
   *
   * @param cluster who is there and who owns what
   * @param maps where the keys of buckets lie; empty on a node that is alone
   * @param nodes how to ask one certain node
   * @param bus the bus as the kernel sees it
   * @param balancing knows the settings in force
   * @param heat is told of requests by the blob service
   * @param segments tells in which segment a key lies; from 256 on in one of its bucket's own
   * @param own what buckets say of segments of their own
   * @param ranges divides what is hot of ranges, asking for that; not on the timer's thread
   * @param copies what others may keep; empty on a node that is alone
   * @param clock its clock
   * @param threads makes its threads
   * @param metrics counts
   * @param timer ticks; what it runs must be quick
   * @param steps what must be undone
   */
  record Node(
      ClusterContext cluster,
      Optional<ShardMaps> maps,
      NodeRequests nodes,
      MessageBus bus,
      BalancingOffice balancing,
      SegmentHeat heat,
      ToIntFunction<BlobKey> segments,
      OwnSegments own,
      Consumer<Supplier<List<HotShards.Shard>>> ranges,
      Optional<ReadCopies> copies,
      Clock clock,
      ThreadFactory threads,
      PrometheusMetrics metrics,
      ScheduledExecutorService timer,
      ShutdownSteps steps) {}

  /**
   * What can be asked.
   *
   * @param figures how busy segments are and what they hold
   * @param hotShards which are hot
   */
  record Parts(SegmentFigures figures, HotShardOffice hotShards) {}

  private static final System.Logger LOG = System.getLogger(HeatAssembly.class.getName());

  /** How long a person waits for the figures of an owner that does not answer. */
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private static final Duration JUDGE = Duration.ofSeconds(1);
  private static final Duration DIVIDE = Duration.ofSeconds(5);
  private static final Duration RENEW = Duration.ofMillis(500);
  private static final Duration END_OF_COUNT = Duration.ofSeconds(5);

  private final Node node;
  private final NodeId self;

  HeatAssembly(Node node) {
    this.node = node;
    this.self = node.cluster.localNodeId();
  }

  /** Starts to watch. */
  Parts open(Optional<StorageProvider> provider) {
    provider.ifPresent(this::startCensus);
    SegmentFigures figures =
        new SegmentFigures(
            new SegmentFigures.Options(
                self,
                node.cluster::placement,
                this::ownSegments,
                node.nodes,
                node.heat,
                System::nanoTime,
                LIMIT));
    figures.register(node.bus);
    node.steps.add("telling figures of segments no more", figures::close);
    node.copies.ifPresent(
        copies -> {
          copies.register(node.bus);
          every(RENEW, copies::tick);
        });
    return new Parts(figures, openHotShards());
  }

  private List<SegmentFigures.OwnPlace> ownSegments() {
    List<SegmentFigures.OwnPlace> places = new ArrayList<>();
    node.maps.ifPresent(
        maps ->
            maps.all()
                .forEach(
                    (bucket, known) -> {
                      ShardMap map = known.map();
                      for (ShardMap.Own own : map.own()) {
                        places.add(
                            new SegmentFigures.OwnPlace(
                                bucket,
                                own.segment(),
                                map.shardOf(own.segment()).name(),
                                own.owner()));
                      }
                    }));
    return places;
  }

  private HotShardOffice openHotShards() {
    HotSegments segments =
        new HotSegments(
            new HotSegments.Options(
                self,
                node.cluster::placement,
                node.own,
                this::active,
                CopyOrigins.admittedIn(node.cluster.membership()),
                node.heat,
                node.copies,
                this::rules,
                node.clock,
                System::nanoTime,
                node.metrics));
    every(JUDGE, segments::tick);
    HotShardOffice office =
        new HotShardOffice(
            new HotShardOffice.Options(
                self, this::active, node.nodes, segments, this::rules, LIMIT));
    office.register(node.bus);
    every(DIVIDE, () -> divide(office));
    node.steps.add("telling of hot segments no more", office::close);
    return office;
  }

  private void divide(HotShardOffice office) {
    if (rules().judged()
        && node.balancing.actsByItself()
        && node.balancing.inForce().settings().config().sharding().automatic()) {
      node.ranges.accept(() -> office.all(false).shards());
    }
  }

  private List<NodeId> active() {
    return node.cluster.membership().view().active().stream().map(ClusterNode::id).toList();
  }

  private HeatRules rules() {
    return HeatRules.of(
        node.balancing.inForce().settings().config(), node.balancing.actsByItself());
  }

  /** Counts what each segment holds, once, while the node works already. */
  private void startCensus(StorageProvider provider) {
    SegmentCensus census =
        new SegmentCensus(
            provider,
            node.heat,
            node.segments,
            System::nanoTime,
            time -> TimeUnit.NANOSECONDS.sleep(time.toNanos()));
    Thread thread =
        Objects.requireNonNull(new NamedThreads("dw-census", node.threads).newThread(census));
    thread.start();
    node.steps.add("stopping the count of segments", () -> end(thread));
  }

  private static void end(Thread thread) {
    thread.interrupt();
    try {
      thread.join(END_OF_COUNT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void every(Duration pause, Runnable chore) {
    var ticking =
        node.timer.scheduleWithFixedDelay(
            () -> {
              try {
                chore.run();
              } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "watching segments failed; it goes on", e);
              }
            },
            pause.toMillis(),
            pause.toMillis(),
            TimeUnit.MILLISECONDS);
    node.steps.add("watching segments no more", () -> ticking.cancel(false));
  }
}
