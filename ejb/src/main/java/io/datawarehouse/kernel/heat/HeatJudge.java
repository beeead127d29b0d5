package io.datawarehouse.kernel.heat;

import java.time.Duration;

/**
 * Says whether one segment is hot. Two thresholds and two clocks keep it from flapping: time over
 * the threshold adds up and time under it takes away; when enough has added up the segment is hot.
 * From then on the same goes for time under half of the threshold. Confined to whoever guards it.
 */
final class HeatJudge {

  /** A gap between two looks counts for no more than this: nobody knows what was in it. */
  private static final long LONGEST_GAP = Duration.ofSeconds(5).toNanos();

  private long at;
  private long since;
  private long turningSince;
  private boolean hot;
  private boolean foreseen;
  private boolean reached;
  private long gathered;

  HeatJudge(long now) {
    this.at = now;
    this.since = now;
  }

  /** Takes the rate of this moment; returns whether being hot changed. */
  boolean judge(double rate, HeatRules rules, long now) {
    long gap = Math.min(LONGEST_GAP, Math.max(0, now - at));
    at = now;
    if (!rules.judged()) {
      return become(false, now);
    }
    double threshold = rules.threshold().getAsInt();
    boolean over = rate >= threshold;
    boolean towards = hot ? rate < threshold * HeatRules.COOL : over;
    reached |= hot && over;
    long before = gathered;
    gathered = towards ? gathered + gap : Math.max(0, gathered - gap);
    if (before == 0) {
      turningSince = now;
    }
    long enough = (hot ? rules.toCool() : rules.toHeat()).toNanos();
    return gathered >= enough && become(!hot, now);
  }

  /** Calls the segment hot before it is; returns whether it was not yet. */
  boolean foresee(long now) {
    if (hot) {
      return false;
    }
    boolean changed = become(true, now);
    foreseen = true;
    reached = false;
    return changed;
  }

  private boolean become(boolean next, long now) {
    gathered = 0;
    if (hot == next) {
      return false;
    }
    hot = next;
    since = now;
    reached = next;
    foreseen = false;
    return true;
  }

  boolean hot() {
    return hot;
  }

  /** Returns whether it is on its way to the other state. */
  boolean turning() {
    return gathered > 0;
  }

  /** Returns whether it was called hot before it was. */
  boolean foreseen() {
    return foreseen;
  }

  /** Returns whether it was over the threshold since it is hot. */
  boolean reached() {
    return reached;
  }

  /** Returns since when it is as it is, in nanoseconds of its clock. */
  long since() {
    return turning() ? turningSince : since;
  }
}
