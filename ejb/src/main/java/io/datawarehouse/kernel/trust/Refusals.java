package io.datawarehouse.kernel.trust;

import io.datawarehouse.sdk.metric.Metrics;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/** Counts and audits who was not let in at one place. Thread-safe. */
final class Refusals {

  private final String what;
  private final AuditLog audit;
  private final Map<Refusal, Metrics.Counter> counters = new EnumMap<>(Refusal.class);

  /**
   * Makes the refusals of one place; those that may occur there count from zero.
   *
   * @param what the kind of news in the audit
   */
  Refusals(String what, AuditLog audit, Metrics metrics, String metric, Set<Refusal> possible) {
    this.what = what;
    this.audit = audit;
    for (Refusal refusal : possible) {
      counters.put(
          refusal,
          metrics.counter(
              metric, "Refused attempts to be let in", Map.of("reason", refusal.label())));
    }
  }

  /**
   * Counts and audits one.
   *
   * @param who whose it is, as far as that is proven; empty where it is not
   */
  void add(Refusal refusal, String who, String from) {
    Metrics.Counter counter = counters.get(refusal);
    if (counter == null) {
      throw new IllegalStateException(refusal + " does not occur here");
    }
    counter.increment();
    audit.refused(
        what, from, "refused" + (who.isEmpty() ? "" : " " + who) + ": " + refusal.words());
  }
}
