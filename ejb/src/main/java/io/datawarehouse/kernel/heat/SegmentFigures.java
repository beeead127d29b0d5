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
 * The figures of all segments, those of the cluster and those that buckets have for themselves:
 * each owner tells what it owns when it is asked. Answers are kept for a second, and who asks
 * meanwhile waits for the same. Thread-safe.
 */
public final class SegmentFigures implements AutoCloseable {

  /** How long an answer serves all who ask. */
  private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

  /**
   * What they are made of.
   *
   * @param self this node
   * @param placement who owns what
   * @param own the segments of buckets' own, in the order of buckets and numbers
   * @param nodes how to ask one certain node
   * @param heat what this node knows of what it owns
   * @param ticker nanoseconds that only grow
   * @param limit how long the answer of another node may take
   */
  public record Options(
      NodeId self,
      Supplier<Placement> placement,
      Supplier<List<OwnPlace>> own,
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
      this(self, placement, List::of, nodes, heat, ticker, limit);
    }
  }

  /**
   * A segment of a bucket's own. Immutable.
   *
   * @param bucket the bucket
   * @param segment its number
   * @param shard to which of the bucket's shards it belongs
   * @param owner who owns it; empty where nobody may hold it who has been there
   */
  public record OwnPlace(BucketName bucket, int segment, String shard, Optional<NodeId> owner) {}

  /**
   * What is known of a segment of a bucket's own. Immutable.
   *
   * @param place which it is, and whose
   * @param figure what it holds and how busy it is; empty where nobody owns it
   */
  public record OwnFigure(OwnPlace place, Optional<SegmentFigure> figure) {}

  /**
   * What is known of a segment now. Immutable.
   *
   * @param segment its number
   * @param owner who owns it
   * @param answered whether the owner has told its figures
   * @param requestsPerSecond requests of late; empty where the owner has told nothing, or does not
   *     count them
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

    private static SegmentFigure of(NodeId owner, HeatMessages.OwnFigures told) {
      boolean counted = told.readsPerSecond().isPresent() && told.writesPerSecond().isPresent();
      return new SegmentFigure(
          told.segment(),
          owner,
          true,
          counted
              ? OptionalDouble.of(
                  told.readsPerSecond().orElse(0) + told.writesPerSecond().orElse(0))
              : OptionalDouble.empty(),
          told.readsPerSecond(),
          told.writesPerSecond(),
          told.bytesPerSecond(),
          told.blobs(),
          told.bytes(),
          told.storedBytes());
    }
  }

  /**
   * The figures of all segments at one time. Immutable.
   *
   * @param segments those of the cluster, in the order of their numbers
   * @param own those of buckets' own, in the order of buckets and numbers
   */
  public record All(List<SegmentFigure> segments, List<OwnFigure> own) {
    /** Copies. */
    public All {
      segments = List.copyOf(segments);
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
                MessageHandler.sync(message -> Reply.of(told()))));
  }

  /**
   * Returns the figures of all segments of the cluster, in the order of their numbers; waits for
   * the owners.
   */
  public List<SegmentFigure> all() {
    return everything().segments;
  }

  /** Returns the figures of all segments of buckets' own; waits for the owners. */
  public List<OwnFigure> own() {
    return everything().own;
  }

  /** Returns the figures of a segment of a bucket's own; empty where there is no such segment. */
  public Optional<OwnFigure> own(BucketName bucket, int segment) {
    return own().stream()
        .filter(each -> each.place.bucket.equals(bucket) && each.place.segment == segment)
        .findFirst();
  }

  /** Returns the figures of all segments; waits for the owners. */
  public All everything() {
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
      ask(placement, options.own.get(), mine);
    }
    return answer.join();
  }

  private void ask(Placement placement, List<OwnPlace> own, CompletableFuture<All> answer) {
    Map<NodeId, CompletableFuture<Optional<HeatMessages.FiguresAnswer>>> asked = new HashMap<>();
    for (NodeId owner : owners(placement, own)) {
      asked.put(owner, ask(owner));
    }
    var unused =
        CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
            .whenComplete(
                (done, failure) -> {
                  Map<NodeId, Map<Integer, HeatMessages.Figures>> told = new HashMap<>();
                  Map<NodeId, Map<String, HeatMessages.OwnFigures>> toldOfOwn = new HashMap<>();
                  asked.forEach(
                      (owner, reply) -> {
                        told.put(owner, bySegment(reply.join()));
                        toldOfOwn.put(owner, byName(reply.join()));
                      });
                  answer.complete(new All(figures(placement, told), ownFigures(own, toldOfOwn)));
                });
  }

  private static Set<NodeId> owners(Placement placement, List<OwnPlace> own) {
    Set<NodeId> owners = new LinkedHashSet<>();
    for (int segment = 0; segment < placement.segments(); segment++) {
      owners.add(placement.owners(segment).get(0));
    }
    own.forEach(place -> place.owner.ifPresent(owners::add));
    return owners;
  }

  /** Asks a node; never fails. */
  private CompletableFuture<Optional<HeatMessages.FiguresAnswer>> ask(NodeId owner) {
    if (owner.equals(options.self)) {
      return CompletableFuture.completedFuture(Optional.of(told()));
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

  private static Map<String, HeatMessages.OwnFigures> byName(
      Optional<HeatMessages.FiguresAnswer> answer) {
    Map<String, HeatMessages.OwnFigures> figures = new HashMap<>();
    answer.ifPresent(
        told -> told.own().forEach(each -> figures.put(name(each.bucket(), each.segment()), each)));
    return figures;
  }

  private static String name(BucketName bucket, int segment) {
    return bucket + "/" + segment;
  }

  private static List<OwnFigure> ownFigures(
      List<OwnPlace> own, Map<NodeId, Map<String, HeatMessages.OwnFigures>> told) {
    List<OwnFigure> figures = new ArrayList<>(own.size());
    for (OwnPlace place : own) {
      figures.add(
          new OwnFigure(
              place,
              place.owner.map(
                  owner ->
                      Optional.ofNullable(
                              told.getOrDefault(owner, Map.of())
                                  .get(name(place.bucket, place.segment)))
                          .map(each -> SegmentFigure.of(owner, each))
                          .orElseGet(() -> SegmentFigure.unknown(place.segment, owner)))));
    }
    return List.copyOf(figures);
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
  private HeatMessages.FiguresAnswer told() {
    Placement placement = options.placement.get();
    List<HeatMessages.Figures> figures = new ArrayList<>();
    for (int segment = 0; segment < placement.segments(); segment++) {
      if (placement.owners(segment).get(0).equals(options.self)) {
        figures.add(told(segment));
      }
    }
    return new HeatMessages.FiguresAnswer(
        figures,
        options.own.get().stream()
            .filter(place -> place.owner.filter(options.self::equals).isPresent())
            .map(this::told)
            .toList());
  }

  private HeatMessages.OwnFigures told(OwnPlace place) {
    Optional<SegmentTraffic.Rates> rates =
        options.heat.own().known(new OwnSegment(place.bucket, place.segment));
    Optional<SegmentStock.Stock> stock = options.heat.ownStock(place.bucket, place.segment);
    return new HeatMessages.OwnFigures(
        place.bucket,
        place.segment,
        rate(rates.map(SegmentTraffic.Rates::reads)),
        rate(rates.map(SegmentTraffic.Rates::writes)),
        rate(rates.map(SegmentTraffic.Rates::bytes)),
        optional(stock.map(SegmentStock.Stock::blobs)),
        optional(stock.map(SegmentStock.Stock::bytes)),
        optional(stock.map(SegmentStock.Stock::storedBytes)));
  }

  private static OptionalDouble rate(Optional<Double> rate) {
    return rate.map(OptionalDouble::of).orElseGet(OptionalDouble::empty);
  }

  private HeatMessages.Figures told(int segment) {
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
