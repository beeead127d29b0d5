package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.kernel.placement.Ownership;
import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings the plan that runs from one state to the next; each node drives while it leads. Everything
 * that it must know is agreed on, so that the next leader goes on where the last one was. Called by
 * one thread at a time; blocks.
 */
final class PlanDriver {

  /**
   * What it works with.
   *
   * @param self this node
   * @param membership who is there
   * @param coordinator who agrees
   * @param ownership who owns what
   * @param nodes how to ask one certain node
   * @param plans the plans
   * @param clock tells the time
   * @param ticker nanoseconds that only grow
   * @param agreement how long an agreement may take
   * @param answer how long the answer of a node may take
   * @param patience how long a plan waits for long writes of a part of what moves
   */
  record Options(
      NodeId self,
      ClusterMembership membership,
      ClusterCoordinator coordinator,
      Ownership ownership,
      NodeRequests nodes,
      AgreedPlans plans,
      Clock clock,
      LongSupplier ticker,
      Duration agreement,
      Duration answer,
      Duration patience) {}

  private static final System.Logger LOG = System.getLogger(PlanDriver.class.getName());
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** So many times its patience a plan waits for long writes of all that moves. */
  private static final int PATIENCE_WITH_ALL = 60;

  /** So many times as long it tries to end them then. */
  private static final int ENDING = 2;

  /** How the reason of a plan begins of which a part stays where it was. */
  private static final String STAYS = "STAYS: ";

  private final Options options;
  private final AgreedEntries entries;

  /** Before that nothing is sealed again. */
  private long notBefore;

  private Duration pause = FIRST_PAUSE;

  /** Which part of a plan long writes hold up, and since when. */
  private @Nullable HeldUp heldUp;

  /**
   * How long a plan has been held up.
   *
   * @param since when that began; later by all the time in which the plan was paused
   * @param pausedAt since when it is paused; empty while it is not
   */
  private record HeldUp(String work, long since, OptionalLong pausedAt) {

    HeldUp paused(long now) {
      return pausedAt.isPresent() ? this : new HeldUp(work, since, OptionalLong.of(now));
    }

    HeldUp goingOn(long now) {
      return pausedAt.isPresent()
          ? new HeldUp(work, since + (now - pausedAt.getAsLong()), OptionalLong.empty())
          : this;
    }
  }

  PlanDriver(Options options) {
    this.options = options;
    this.entries = new AgreedEntries(options.coordinator, options.agreement);
    this.notBefore = options.ticker.getAsLong();
  }

  /** Does what is due, where this node leads and a plan runs. */
  void drive() {
    if (!options.coordinator.leadership().leads(options.self) || options.plans.active().isEmpty()) {
      return;
    }
    for (AgreedPlans.Agreed agreed : options.plans.latest()) {
      if (agreed.plan().state() == PlanState.PAUSED) {
        heldUp(agreed).ifPresent(held -> heldUp = held.paused(options.ticker.getAsLong()));
      } else if (agreed.plan().state() == PlanState.RUNNING) {
        heldUp(agreed).ifPresent(held -> heldUp = held.goingOn(options.ticker.getAsLong()));
        run(agreed);
      } else if (agreed.plan().state() == PlanState.SWITCHING) {
        change(agreed);
      }
    }
  }

  // ---- copying ---------------------------------------------------------------------------------

  private void run(AgreedPlans.Agreed agreed) {
    if (!stands(agreed)) {
      return;
    }
    Optional<NodeId> gone = gone(agreed.change());
    if (gone.isPresent()) {
      move(agreed, PlanState.FAILED, "node " + gone.get() + " has left the cluster");
      return;
    }
    boolean all = true;
    for (NodeId source : sources(agreed.change())) {
      NodeMoves.Progress progress = progressOf(agreed, source);
      if (progress.failed().isPresent()) {
        move(agreed, PlanState.FAILED, "node " + source + ": " + progress.failed().get());
        return;
      }
      all &= progress.caughtUp();
    }
    if (all && options.ticker.getAsLong() - notBefore >= 0) {
      SortedSet<Integer> writing = writing(agreed);
      if (writing.isEmpty()) {
        move(agreed, PlanState.SWITCHING, "").ifPresent(this::change);
      } else {
        waitFor(agreed, writing);
      }
    }
  }

  // ---- writes that take long -------------------------------------------------------------------

  /** Returns the segments that move and have been written to for long, as far as that is known. */
  private SortedSet<Integer> writing(AgreedPlans.Agreed agreed) {
    SortedSet<Integer> writing = new TreeSet<>();
    for (NodeId source : sources(agreed.change())) {
      try {
        Reply told =
            Waiting.on(
                options.nodes.requestAt(
                    source,
                    Message.query(
                            NodeMoves.WRITING,
                            Payload.of(new NodeMoves.WritingQuestion(agreed.plan().work())))
                        .timeout(options.answer)
                        .build()),
                options.answer);
        writing.addAll(told.as(NodeMoves.Writing.class).segments());
      } catch (WarehouseException e) {
        // It refuses to hold its changes back where it must; this only saves that way.
        LOG.log(System.Logger.Level.DEBUG, "long writes on node {0} are not known", source);
      }
    }
    return writing;
  }

  /**
   * Changes of what moves wait for nobody: a plan waits for long writes instead, and when its
   * patience ends the segments that are written to then stay where they are, while the others
   * change hands. Where all that moves is written to, or it can only move as a whole, the writes
   * are broken off in the end: their senders are told to begin again, and do so at the new owner.
   * So no write, however long, and no number of them keeps a plan from its end.
   */
  private void waitFor(AgreedPlans.Agreed agreed, SortedSet<Integer> writing) {
    long now = options.ticker.getAsLong();
    HeldUp since = heldUp(agreed).orElse(null);
    if (since == null) {
      since = new HeldUp(agreed.plan().work(), now, OptionalLong.empty());
      heldUp = since;
      LOG.log(
          System.Logger.Level.INFO,
          "plan {0} waits for writes of segments {1}, which take long",
          agreed.plan().id(),
          writing);
    }
    Optional<OwnershipChange> rest = agreed.change().without(writing);
    Duration patience =
        rest.isPresent() ? options.patience : options.patience.multipliedBy(PATIENCE_WITH_ALL);
    if (now - since.since < patience.toNanos()) {
      return;
    }
    if (rest.isPresent()) {
      leaveOut(agreed, writing, rest.get());
    } else if (now - since.since < patience.multipliedBy(ENDING).toNanos()) {
      LOG.log(
          System.Logger.Level.INFO,
          "plan {0} breaks off writes of segments {1}, which took longer than {2}",
          agreed.plan().id(),
          writing,
          patience);
      move(agreed, PlanState.SWITCHING, "").ifPresent(this::change);
    } else {
      move(
          agreed, PlanState.FAILED, "writes of all that moves did not end, the last in " + writing);
    }
  }

  private Optional<HeldUp> heldUp(AgreedPlans.Agreed agreed) {
    return Optional.ofNullable(heldUp).filter(held -> held.work.equals(agreed.plan().work()));
  }

  /** Returns whether a plan has waited for long writes of all that moves for long enough. */
  private boolean breaksOff(AgreedPlans.Agreed agreed) {
    long enough = options.patience.multipliedBy(PATIENCE_WITH_ALL).toNanos();
    return heldUp(agreed)
        .filter(held -> options.ticker.getAsLong() - held.since >= enough)
        .isPresent();
  }

  /** Under a later version: a node that has not heard of it does not hold back changes for it. */
  private void leaveOut(
      AgreedPlans.Agreed agreed, SortedSet<Integer> segments, OwnershipChange rest) {
    entries.fence(agreed.change());
    entries
        .latest(agreed.change().address())
        .filter(entry -> agreed.change().fits(entry.value()))
        .ifPresent(entry -> goOnWith(agreed, segments, rest.against(entry.version())));
  }

  private void goOnWith(
      AgreedPlans.Agreed agreed, SortedSet<Integer> segments, OwnershipChange rest) {
    String before = agreed.plan().reason();
    String which = segments + rest.bucket().map(bucket -> " of bucket " + bucket).orElse("");
    String why =
        before.startsWith(STAYS)
            ? before + "; so do " + which
            : STAYS + "writes go on in segments " + which;
    LOG.log(System.Logger.Level.INFO, "plan {0} goes on with less: {1}", agreed.plan().id(), why);
    options.plans.replace(agreed, agreed.plan().without(rest.bucket(), segments, rest, why));
  }

  private Optional<NodeId> gone(OwnershipChange change) {
    return change.routes().stream()
        .flatMap(route -> List.of(route.from(), route.to()).stream())
        .filter(
            node ->
                options
                    .membership
                    .view()
                    .find(node)
                    .filter(found -> found.state().member())
                    .isEmpty())
        .findFirst();
  }

  static List<NodeId> sources(OwnershipChange change) {
    return change.routes().stream().map(OwnershipChange.Route::from).distinct().toList();
  }

  private NodeMoves.Progress progressOf(AgreedPlans.Agreed agreed, NodeId source) {
    try {
      return Waiting.on(
              options.nodes.requestAt(
                  source,
                  Message.query(
                          NodeMoves.PROGRESS,
                          Payload.of(new NodeMoves.ProgressQuestion(agreed.plan().work())))
                      .timeout(options.answer)
                      .build()),
              options.answer)
          .as(NodeMoves.Progress.class);
    } catch (WarehouseException e) {
      return new NodeMoves.Progress(false, false, 0, 0, Optional.empty(), Optional.of(e.detail()));
    }
  }

  /**
   * Compares the plan with the entry that it would replace, and follows it where that only has a
   * new version; returns whether the plan can go on as it is.
   */
  private boolean stands(AgreedPlans.Agreed agreed) {
    OwnershipChange change = agreed.change();
    Optional<RegistryEntry> entry = entries.latest(change.address());
    long version = entry.map(RegistryEntry::version).orElse(ClusterCommand.ABSENT);
    if (version == change.expected()) {
      if (!others(change)) {
        failForTopology(agreed);
        return false;
      }
      return true;
    }
    Waiting.on(options.ownership.refresh(), options.agreement);
    if (change.inForce(options.ownership) || isOfNoUse(agreed.plan(), entry)) {
      goOn(agreed);
    } else if (entry.map(RegistryEntry::value).filter(change::fits).isPresent()) {
      OwnershipChange later = change.against(version);
      RebalancePlan next =
          agreed
              .plan()
              .in(PlanState.RUNNING, reason(agreed, ""), options.clock.instant())
              .with(later.toText(), version);
      options.plans.replace(agreed, next);
    } else {
      failForTopology(agreed);
    }
    return false;
  }

  /** A bucket that is gone has no segments; the other parts have nothing to do with it. */
  private static boolean isOfNoUse(RebalancePlan plan, Optional<RegistryEntry> entry) {
    return entry.isEmpty() && plan.parts() > 1;
  }

  /** Goes on with the next part, or ends the plan where all of it is in force. */
  private void goOn(AgreedPlans.Agreed agreed) {
    if (agreed.plan().later().isEmpty()) {
      move(agreed, PlanState.DONE, "");
      return;
    }
    RebalancePlan.Part next = agreed.plan().later().get(0);
    OwnershipChange change = options.plans.changeOf(next.kind(), next.change());
    LOG.log(
        System.Logger.Level.INFO,
        "plan {0} goes on with part {1} of {2}",
        agreed.plan().id(),
        agreed.plan().number() + 2,
        agreed.plan().parts());
    options.plans.replace(
        agreed,
        agreed
            .plan()
            .in(PlanState.RUNNING, reason(agreed, ""), options.clock.instant())
            .next(change));
  }

  private boolean others(OwnershipChange change) {
    return change.standing().stream()
        .allMatch(other -> entries.version(other.address()) == other.version());
  }

  private void failForTopology(AgreedPlans.Agreed agreed) {
    // In SWITCHING the version that stands is another one, or a replacement must be prevented.
    if (agreed.plan().state() == PlanState.SWITCHING) {
      entries.fence(agreed.change());
    }
    move(
        agreed,
        PlanState.FAILED,
        "TOPOLOGY_CHANGED: who owns what has changed since the plan was made");
  }

  // ---- switching -------------------------------------------------------------------------------

  private void change(AgreedPlans.Agreed agreed) {
    if (!stands(agreed)) {
      return;
    }
    OwnershipChange change = agreed.change();
    try {
      // All at once: none waits for another with its changes held back.
      List<CompletionStage<Reply>> asked =
          sources(change).stream().map(source -> seal(agreed, source)).toList();
      for (CompletionStage<Reply> each : asked) {
        Reply unusedSealed = Waiting.on(each, options.answer);
      }
    } catch (WarehouseException e) {
      LOG.log(
          System.Logger.Level.INFO,
          "plan {0} goes on copying for a while: {1}",
          agreed.plan().id(),
          e.detail());
      later();
      entries.fence(change);
      boolean unused = stands(agreed);
      return;
    }
    pause = FIRST_PAUSE;
    entries.replace(change);
    boolean unusedEnd = stands(agreed);
  }

  private CompletionStage<Reply> seal(AgreedPlans.Agreed agreed, NodeId source) {
    return options.nodes.requestAt(
        source,
        Message.command(
                NodeMoves.SEAL,
                Payload.of(
                    new NodeMoves.Seal(
                        agreed.plan().work(),
                        agreed.change().expected(),
                        Optional.of(breaksOff(agreed)).filter(yes -> yes))))
            .timeout(options.answer)
            .build());
  }

  private void later() {
    notBefore = options.ticker.getAsLong() + pause.toNanos();
    pause = pause.multipliedBy(2);
    if (pause.compareTo(LONGEST_PAUSE) > 0) {
      pause = LONGEST_PAUSE;
    }
  }

  private Optional<AgreedPlans.Agreed> move(AgreedPlans.Agreed agreed, PlanState next, String why) {
    LOG.log(
        System.Logger.Level.INFO,
        "plan {0} is {1}{2}",
        agreed.plan().id(),
        next,
        why.isEmpty() ? "" : ": " + why);
    return options.plans.replace(
        agreed, agreed.plan().in(next, reason(agreed, why), options.clock.instant()));
  }

  /** What stays of a plan is told to its end. */
  private static String reason(AgreedPlans.Agreed agreed, String why) {
    String before = agreed.plan().reason();
    return why.isEmpty() && before.startsWith(STAYS) ? before : why;
  }
}
