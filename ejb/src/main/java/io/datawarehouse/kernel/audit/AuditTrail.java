package io.datawarehouse.kernel.audit;

/**
 * The one way to record who did what, and to read it again. Thread-safe.
 *
 * <p>What was {@link AuditEvent.Outcome#DONE done} is on the disk when {@link #record} returns; the
 * rest changed nothing, and waits for no disk. What was {@link AuditEvent.Outcome#REFUSED refused}
 * can be caused by anybody who reaches a port: of each action only so many refusals a minute are
 * recorded, the others are counted.
 */
public interface AuditTrail {

  /**
   * Records an event. Never throws: what was done stays done, also where it cannot be written down,
   * which is counted and logged.
   */
  void record(AuditEvent event);

  /**
   * Returns events, oldest first.
   *
   * @param after only those with a greater identity; 0 for all
   * @param limit at most so many
   */
  AuditPage list(long after, int limit);
}
