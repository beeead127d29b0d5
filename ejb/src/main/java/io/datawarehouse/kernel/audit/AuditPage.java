package io.datawarehouse.kernel.audit;

import java.util.List;
import java.util.Optional;

/**
 * Some entries, oldest first. Immutable.
 *
 * @param entries the entries
 * @param next after which entry to go on, exactly when there are more
 */
public record AuditPage(List<AuditEntry> entries, Optional<String> next) {

  /** Copies the entries. */
  public AuditPage {
    entries = List.copyOf(entries);
  }
}
