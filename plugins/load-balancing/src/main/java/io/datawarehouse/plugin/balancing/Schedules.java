package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.CandidateTable;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rounds of turns in use, so that tables with the same weights share one: topics mostly have
 * the same nodes, and a round may take a quarter of a megabyte. One that no selector holds any more
 * is forgotten. Thread-safe.
 */
final class Schedules {

  private final Map<List<Double>, WeakReference<SmoothSchedule>> known = new HashMap<>();

  synchronized SmoothSchedule of(CandidateTable table) {
    known.values().removeIf(schedule -> schedule.get() == null);
    double[] weights =
        table.candidates().stream().mapToDouble(CandidateTable.Candidate::weight).toArray();
    List<Double> key = Arrays.stream(weights).boxed().toList();
    WeakReference<SmoothSchedule> before = known.get(key);
    SmoothSchedule schedule = before == null ? null : before.get();
    if (schedule == null) {
      schedule = new SmoothSchedule(weights);
      known.put(key, new WeakReference<>(schedule));
    }
    return schedule;
  }
}
