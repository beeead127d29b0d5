package io.datawarehouse.web.audit;

import io.datawarehouse.kernel.audit.AuditEvent;
import io.datawarehouse.kernel.audit.AuditPage;
import io.datawarehouse.kernel.audit.AuditTrail;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A trail that shows what it was given. */
final class RecordedAudit implements AuditTrail {

  final List<AuditEvent> events = new ArrayList<>();

  @Override
  public void record(AuditEvent event) {
    events.add(event);
  }

  @Override
  public AuditPage list(long after, int limit) {
    return new AuditPage(List.of(), Optional.empty());
  }
}
