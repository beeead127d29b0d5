package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The figures of all segments of the cluster, and of the busiest of buckets' own: each owner tells
 * its own when it is asked. Answers are kept for a second, and who asks meanwhile waits for the
 * same. Thread-safe.
 */
public final class SegmentFigures implements AutoCloseable {

  /** How long an answer serves all who ask. */
  private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

  /** How many segments of buckets' own an owner tells of. */
  private static final int MOST_OWN = 256;

  /**
   * What they are made of.
   *
   * @param self this node
   * @param placement who owns what
   * @param own what buckets say of segments of their own
   * @param nodes how to ask one certain node
   * @param heat what this node knows of what it owns
   * @param ticker nanoseconds that only grow
   * @param limit how long the answer of another node may take
   */
  public record Options(
      NodeId self,
      Supplier<Placement> placement,
      OwnSegments own,
      NodeRequests nodes,
      SegmentHeat heat,
      LongSupplier ticker,
      Duration limit) {

    /** Makes options where no bucket has segments of its own. */
    public Options(
        NodeId self,
        Supplier<Placement> placement,
        NodeRequests nodes,
        SegmentHeat heat,
        LongSupplier ticker,
        Duration limit) {
      this(self, placement, OwnSegments.none(), nodes, heat, ticker, limit);
    }
  }

  /**
   * What is known of a segment now. Immutable.
   *
   * @param segment its number
   * @param owner who owns it
   * @param answered whether the owner has told its figures
   * @param requestsPerSecond requests of late; empty where the owner has told nothing
   * @param readsPerSecond those of them that read
   * @param writesPerSecond those of them that change
   * @param bytesPerSecond bytes given and taken
   * @param blobs how many blobs it holds; empty as well while the owner counts them
   * @param bytes the sum of their sizes; empty as well while the owner counts them
   * @param storedBytes what their contents take; empty as well while the owner counts them
   */
  public record SegmentFigure(
      int segment,
      NodeId owner,
      boolean answered,
      OptionalDouble requestsPerSecond,
      OptionalDouble readsPerSecond,
      OptionalDouble writesPerSecond,
      OptionalDouble bytesPerSecond,
      OptionalLong blobs,
      OptionalLong bytes,
      OptionalLong storedBytes) {

    private static SegmentFigure unknown(int segment, NodeId owner) {
      return new SegmentFigure(
          segment,
          owner,
          false,
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty());
    }

    private static SegmentFigure of(NodeId owner, HeatMessages.Figures told) {
      return new SegmentFigure(
          told.segment(),
          owner,
          true,
          OptionalDouble.of(told.readsPerSecond() + told.writesPerSecond()),
          OptionalDouble.of(told.readsPerSecond()),
          OptionalDouble.of(told.writesPerSecond()),
          OptionalDouble.of(told.bytesPerSecond()),
          told.blobs(),
          told.bytes(),
          told.storedBytes());
    }
  }

  /**
   * What is known of a segment of a bucket's own now. Immutable.
   *
   * @param bucket whose
   * @param segment its number
   * @param part the part of the bucket that lies in it
   * @param owner who owns it
   * @param requestsPerSecond requests of late
   * @param readsPerSecond those of them that read
   * @param writesPerSecond those of them that change
   * @param bytesPerSecond bytes given and taken
   */
  public record OwnFigure(
      BucketName bucket,
      int segment,
      String part,
      NodeId owner,
      double requestsPerSecond,
      double readsPerSecond,
      double writesPerSecond,
      double bytesPerSecond) {

    private static OwnFigure of(NodeId owner, HeatMessages.OwnFigures told) {
      return new OwnFigure(
          told.bucket(),
          told.segment(),
          told.part(),
          owner,
          told.readsPerSecond() + told.writesPerSecond(),
          told.readsPerSecond(),
          told.writesPerSecond(),
          told.bytesPerSecond());
    }
  }

  /**
   * All figures. Immutable.
   *
   * @param cluster those of all segments of the cluster, in the order of their numbers
   * @param own those of the busiest segments of buckets' own, the busiest first
   */
  public record All(List<SegmentFigure> cluster, List<OwnFigure> own) {
    /** Copies. */
    public All {
      cluster = List.copyOf(cluster);
      own = List.copyOf(own);
    }
  }

  /** An answer, perhaps still under way, and since when. */
  private record Asked(long at, long topologyId, CompletableFuture<All> answer) {}

  private final Options options;

  /** Guarded by this. */
  private @Nullable Asked last;

  private Optional<Registration> registration = Optional.empty();

  /** Makes figures that tell nobody else before they are registered. */
  public SegmentFigures(Options options) {
    this.options = options;
  }

  /** Answers the questions of other nodes from now on. Called once. */
  public void register(MessageBus bus) {
    registration =
        Optional.of(
            bus.handle(
                HeatMessages.FIGURES,
                HandlerOptions.direct(),
                MessageHandler.sync(message -> Reply.of(own()))));
  }

  /** Returns the figures of the cluster's segments, in their order; waits for the owners. */
  public List<SegmentFigure> all() {
    return both().cluster();
  }

  /** Returns all figures; waits for the owners. */
  public All both() {
    CompletableFuture<All> mine = null;
    CompletableFuture<All> answer;
    Placement placement = options.placement.get();
    synchronized (this) {
      long now = options.ticker.getAsLong();
      Asked known = last;
      if (known != null
          && known.topologyId == placement.topologyId()
          && now - known.at < FRESH_NANOS) {
        answer = known.answer;
      } else {
        answer = new CompletableFuture<>();
        mine = answer;
        last = new Asked(now, placement.topologyId(), answer);
      }
    }
    if (mine != null) {
      ask(placement, mine);
    }
    return answer.join();
  }

  private void ask(Placement placement, CompletableFuture<All> answer) {
    Map<NodeId, CompletableFuture<Optional<HeatMessages.FiguresAnswer>>> asked = new HashMap<>();
    for (NodeId owner : owners(placement)) {
      asked.put(owner, ask(owner));
    }
    var unused =
        CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
            .whenComplete(
                (done, failure) -> {
                  Map<NodeId, Map<Integer, HeatMessages.Figures>> told = new HashMap<>();
                  asked.forEach((owner, reply) -> told.put(owner, bySegment(reply.join())));
                  answer.complete(new All(figures(placement, told), ownFigures(asked)));
                });
  }

  private static List<OwnFigure> ownFigures(
      Map<NodeId, CompletableFuture<Optional<HeatMessages.FiguresAnswer>>> asked) {
    List<OwnFigure> figures = new ArrayList<>();
    asked.forEach(
        (owner, reply) ->
            reply
                .join()
                .ifPresent(
                    told -> told.own().forEach(each -> figures.add(OwnFigure.of(owner, each)))));
    figures.sort(
        Comparator.comparingDouble(OwnFigure::requestsPerSecond)
            .reversed()
            .thenComparing(figure -> figure.bucket().value())
            .thenComparing(OwnFigure::segment));
    return figures;
  }

  private Set<NodeId> owners(Placement placement) {
    Set<NodeId> owners = new LinkedHashSet<>(options.own.owners());
    for (int segment = 0; segment < placement.segments(); segment++) {
      owners.add(placement.owners(segment).get(0));
    }
    return owners;
  }

  /** Asks a node; never fails. */
  private CompletableFuture<Optional<HeatMessages.FiguresAnswer>> ask(NodeId owner) {
    if (owner.equals(options.self)) {
      return CompletableFuture.completedFuture(Optional.of(own()));
    }
    return options
        .nodes
        .requestAt(
            owner,
            Message.query(HeatMessages.FIGURES, Payload.of(new HeatMessages.FiguresQuestion()))
                .timeout(options.limit)
                .build())
        .toCompletableFuture()
        .handle(
            (reply, failure) ->
                failure == null
                    ? Optional.of(reply.as(HeatMessages.FiguresAnswer.class))
                    : Optional.empty());
  }

  private static Map<Integer, HeatMessages.Figures> bySegment(
      Optional<HeatMessages.FiguresAnswer> answer) {
    Map<Integer, HeatMessages.Figures> figures = new HashMap<>();
    answer.ifPresent(told -> told.segments().forEach(each -> figures.put(each.segment(), each)));
    return figures;
  }

  private static List<SegmentFigure> figures(
      Placement placement, Map<NodeId, Map<Integer, HeatMessages.Figures>> told) {
    List<SegmentFigure> figures = new ArrayList<>(placement.segments());
    for (int segment = 0; segment < placement.segments(); segment++) {
      NodeId owner = placement.owners(segment).get(0);
      HeatMessages.Figures own = told.getOrDefault(owner, Map.of()).get(segment);
      figures.add(
          own == null ? SegmentFigure.unknown(segment, owner) : SegmentFigure.of(owner, own));
    }
    return List.copyOf(figures);
  }

  /** The figures of what this node owns. */
  private HeatMessages.FiguresAnswer own() {
    Placement placement = options.placement.get();
    List<HeatMessages.Figures> figures = new ArrayList<>();
    for (int segment = 0; segment < placement.segments(); segment++) {
      if (placement.owners(segment).get(0).equals(options.self)) {
        figures.add(own(segment));
      }
    }
    return new HeatMessages.FiguresAnswer(figures, ownBusiest());
  }

  private List<HeatMessages.OwnFigures> ownBusiest() {
    return options.heat.own().counted().stream()
        .flatMap(segment -> own(segment).stream())
        .sorted(
            Comparator.comparingDouble(
                    (HeatMessages.OwnFigures figures) ->
                        figures.readsPerSecond() + figures.writesPerSecond())
                .reversed())
        .limit(MOST_OWN)
        .toList();
  }

  private Optional<HeatMessages.OwnFigures> own(OwnSegment segment) {
    SegmentTraffic.Rates rates = options.heat.own().rates(segment);
    return options
        .own
        .find(segment.bucket(), segment.number())
        .filter(known -> known.owner().equals(options.self))
        .map(
            known ->
                new HeatMessages.OwnFigures(
                    segment.bucket(),
                    segment.number(),
                    known.part(),
                    rates.reads(),
                    rates.writes(),
                    rates.bytes()));
  }

  private HeatMessages.Figures own(int segment) {
    SegmentTraffic.Rates rates = options.heat.traffic().rates(segment);
    Optional<SegmentStock.Stock> stock = options.heat.ledger().of(segment);
    return new HeatMessages.Figures(
        segment,
        rates.reads(),
        rates.writes(),
        rates.bytes(),
        optional(stock.map(SegmentStock.Stock::blobs)),
        optional(stock.map(SegmentStock.Stock::bytes)),
        optional(stock.map(SegmentStock.Stock::storedBytes)));
  }

  private static OptionalLong optional(Optional<Long> number) {
    return number.map(OptionalLong::of).orElseGet(OptionalLong::empty);
  }

  /** Answers no questions any more. */
  @Override
  public void close() {
    registration.ifPresent(Registration::close);
  }
}
