package io.datawarehouse.kernel.detector;

import io.datawarehouse.sdk.cluster.HealthEvidence;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeLoad;
import io.datawarehouse.sdk.cluster.NodeState;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one other node. What is volatile or counts is touched by every thread that
 * brings evidence; all else is guarded by the monitor's lock.
 */
final class WatchedNode {

  /** How many heartbeats a node gives after a silence before it is trusted as before. */
  private static final int BEATS_TO_BE_BACK = 3;

  private static final int LEAST_FAILURES = 5;
  private static final double MANY_FAILURES = 0.5;
  private static final double SOME_FAILURES = 0.1;
  private static final double NANOS_PER_SECOND = 1e9;

  final NodeId id;
  final RecentAnswers answers = new RecentAnswers();
  private final HealthSettings settings;
  private final PhiAccrualDetector detector;
  private final Busyness busyness;

  private volatile boolean heard;
  private volatile long lastHeard;
  private volatile @Nullable String lost;
  volatile Judgement judgement = Judgement.NOT_HEARD_YET;

  private long incarnation;
  private NodeState state;
  private String stateReason;

  /** From when on silence counts: when the node became known, or this one went on. */
  private long countFrom;

  private boolean stoodStill;
  private int beatsToBeBack;
  private boolean busy;
  private @Nullable NodeLoad load;
  private long loadAt;
  private String failure = "";

  WatchedNode(NodeId id, HealthSettings settings, NodeState state, String stateReason, long now) {
    this.id = id;
    this.settings = settings;
    this.detector = new PhiAccrualDetector(settings.detector());
    this.busyness = new Busyness(settings.overload());
    this.state = state;
    this.stateReason = stateReason;
    this.countFrom = now;
  }

  // ---- evidence ------------------------------------------------------------------------------

  /** It gave a sign of life. */
  void hear(long now) {
    lastHeard = now;
    if (!heard) {
      heard = true;
    }
    if (lost != null) {
      lost = null;
    }
  }

  /** Takes a heartbeat, unless it is of an earlier run. */
  boolean beat(HealthEvidence.Heartbeat heartbeat, long now) {
    if (heartbeat.incarnation() < incarnation) {
      return false;
    }
    if (heartbeat.incarnation() > incarnation) {
      run(heartbeat.incarnation(), now);
    }
    if (judgement.dead()) {
      beatsToBeBack = BEATS_TO_BE_BACK;
    } else if (beatsToBeBack > 0) {
      beatsToBeBack--;
    }
    detector.heartbeat(now);
    hear(now);
    stoodStill = false;
    load = heartbeat.load();
    loadAt = now;
    busy = busyness.with(heartbeat.load());
    return true;
  }

  /** It cannot be reached, until it is heard again. */
  void lose(String detail) {
    lost = detail;
  }

  void fail(String detail) {
    failure = detail;
  }

  /** Takes what the membership says of it. */
  void be(NodeState newState, String reason, long newIncarnation, long now) {
    state = newState;
    stateReason = reason;
    if (newIncarnation > incarnation) {
      run(newIncarnation, now);
    }
  }

  /** Another run began: nothing that was seen of the one before counts. */
  private void run(long newIncarnation, long now) {
    boolean first = incarnation == 0;
    incarnation = newIncarnation;
    if (!first) {
      detector.reset();
      answers.forget();
      heard = false;
      lost = null;
      countFrom = now;
    }
  }

  /** This node stood still: silence during that time was its own. */
  void forgive(long now) {
    if (!judgement.dead()) {
      countFrom = now;
      stoodStill = heard;
    }
  }

  // ---- judging -------------------------------------------------------------------------------

  boolean member() {
    return state.member();
  }

  /** Returns whether it was heard once and looks dead now. */
  boolean looksDead(long now) {
    return lost != null || (heard && silent(now));
  }

  private boolean silent(long now) {
    long silence = silence(now);
    return silence >= settings.silence().toNanos()
        || detector.suspicion(silence) >= settings.suspicion();
  }

  private long silence(long now) {
    long since = heard && lastHeard - countFrom > 0 ? lastHeard : countFrom;
    return Math.max(0, now - since);
  }

  /** Judges; allocates nothing. */
  Judgement judge(long now, boolean brake) {
    if (!member()) {
      return Judgement.GONE;
    }
    if (lost != null) {
      return brake ? Judgement.LOST_WITH_MANY : Judgement.LOST;
    }
    if (!heard) {
      return state == NodeState.SUSPECT || silence(now) >= settings.offline().toNanos()
          ? Judgement.NEVER_HEARD
          : Judgement.NOT_HEARD_YET;
    }
    if (silent(now)) {
      return judgeSilence(now, brake);
    }
    return stoodStill && lastHeard - countFrom < 0
        ? Judgement.NOT_HEARD_SINCE_STANDSTILL
        : judgeAnswers();
  }

  private Judgement judgeSilence(long now, boolean brake) {
    if (silence(now) < settings.offline().toNanos()) {
      return Judgement.SILENT;
    }
    return brake ? Judgement.SILENT_WITH_MANY : Judgement.SILENT_FOR_LONG;
  }

  private Judgement judgeAnswers() {
    long failures = answers.failures();
    double share = failures == 0 ? 0 : (double) failures / (failures + answers.answers());
    if (failures >= LEAST_FAILURES && share >= MANY_FAILURES) {
      return Judgement.FAILING;
    }
    if (state == NodeState.SUSPECT) {
      return Judgement.SUSPECTED;
    }
    if (beatsToBeBack > 0) {
      return Judgement.JUST_BACK;
    }
    if (failures >= LEAST_FAILURES && share >= SOME_FAILURES) {
      return Judgement.FAILING_SOMETIMES;
    }
    if (answers.meanNanos() >= settings.slow().toNanos()) {
      return Judgement.SLOW;
    }
    return busy ? Judgement.BUSY : Judgement.WELL;
  }

  // ---- telling -------------------------------------------------------------------------------

  boolean wasHeard() {
    return heard;
  }

  /** Returns for how long it has not been heard; only where it was heard. */
  long notHeardFor(long now) {
    return Math.max(0, now - lastHeard);
  }

  /** Returns its load, where it said it not longer ago than that. */
  @Nullable NodeLoad loadWithin(long age, long now) {
    return load != null && now - loadAt <= age ? load : null;
  }

  /** Returns the suspicion on it, at least as much as the judgement says. */
  double suspicion(long now) {
    double suspicion = heard ? detector.suspicion(silence(now)) : 0;
    return looksDead(now) ? Math.max(suspicion, settings.suspicion()) : suspicion;
  }

  /** Returns why it is judged like that, in words. */
  String reason(long now) {
    return switch (judgement) {
      case SELF -> "the node that judges";
      case SELF_BUSY -> "the node that judges, with no room left";
      case NOT_HEARD_YET -> "it has not been heard yet";
      case NOT_HEARD_SINCE_STANDSTILL -> "this node itself stood still and has not heard it since";
      case NEVER_HEARD -> "it was never heard";
      case GONE -> "the membership says " + state + ": " + stateReason;
      case LOST -> "the connection was lost: " + lost;
      case LOST_WITH_MANY -> "the connection was lost, as to many: " + lost;
      case SILENT, SILENT_FOR_LONG -> "silent for " + seconds(now);
      case SILENT_WITH_MANY -> "silent for " + seconds(now) + ", like many";
      case FAILING -> failures() + ", the last: " + failure;
      case FAILING_SOMETIMES -> failures() + ", the last: " + failure;
      case SUSPECTED -> "it is heard, but the membership suspects it: " + stateReason;
      case JUST_BACK -> "it has been silent and is just back";
      case SLOW -> "it takes %d ms to answer".formatted((long) (answers.meanNanos() / 1e6));
      case BUSY -> "it says that it has no room left";
      case WELL -> "it is heard and answers";
    };
  }

  private String failures() {
    long failures = answers.failures();
    return "%d of %d requests failed".formatted(failures, failures + answers.answers());
  }

  private String seconds(long now) {
    return String.format(Locale.ROOT, "%.1f s", silence(now) / NANOS_PER_SECOND);
  }
}
