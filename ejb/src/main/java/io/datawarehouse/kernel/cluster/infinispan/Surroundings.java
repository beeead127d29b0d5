package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.kernel.trust.JoinProofs;
import io.datawarehouse.kernel.trust.SealedNotes;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * What the membership needs of its kernel. Immutable.
 *
 * @param proofs who makes and judges proofs of the join token
 * @param notes who seals and opens what is sent to a group of listeners
 * @param clock what time it is, for the history
 * @param nanoTime a clock that never goes back, in nanoseconds
 * @param threads where the membership's own threads come from
 * @param metrics where it counts
 * @param removalAllowed whether a suspect may be declared dead now: the brake of the health
 *     monitor; quick
 * @param classLoader the class loader of the application
 */
public record Surroundings(
    JoinProofs proofs,
    SealedNotes notes,
    Clock clock,
    LongSupplier nanoTime,
    ThreadFactory threads,
    Metrics metrics,
    BooleanSupplier removalAllowed,
    ClassLoader classLoader) {

  /** Checks that nothing is missing. */
  public Surroundings {
    Objects.requireNonNull(proofs, "proofs");
    Objects.requireNonNull(notes, "notes");
    Objects.requireNonNull(clock, "clock");
    Objects.requireNonNull(nanoTime, "nanoTime");
    Objects.requireNonNull(threads, "threads");
    Objects.requireNonNull(metrics, "metrics");
    Objects.requireNonNull(removalAllowed, "removalAllowed");
    Objects.requireNonNull(classLoader, "classLoader");
  }
}
