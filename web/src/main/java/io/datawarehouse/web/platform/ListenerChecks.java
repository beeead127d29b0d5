package io.datawarehouse.web.platform;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.TraceContext;
import io.datawarehouse.web.error.Problem;
import io.datawarehouse.web.error.Problems;
import io.datawarehouse.web.gate.ListenerGate;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.Optional;
import java.util.function.Supplier;

/** Checks requests at the server's listeners for as long as the application is deployed. */
@ApplicationScoped
public class ListenerChecks {

  private static final System.Logger LOG = System.getLogger(ListenerChecks.class.getName());

  @Inject Problems problems;
  @Inject ListenerGate gate;

  void begin(@Observes @Initialized(ApplicationScoped.class) Object started) {
    try {
      int listeners = Listeners.passOverUpgrades();
      LOG.log(System.Logger.Level.DEBUG, "{0} listeners stay with HTTP/1.1", listeners);
    } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "clients that offer HTTP/2 with a body will wait in vain: the listener cannot be told",
          e);
    }
    Supplier<Optional<String>> closed = gate.closed();
    try {
      int count =
          Listeners.check(
              new CheckedHandler.Application(
                  (path, e) -> problem(closed, path, e),
                  closed,
                  gate.finder(),
                  ListenerChecks.class.getClassLoader()));
      LOG.log(System.Logger.Level.DEBUG, "requests are checked at {0} listeners", count);
    } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "requests are not checked at the listener: malformed paths may be answered with 200",
          e);
    }
  }

  @PreDestroy
  void end() {
    try {
      Listeners.uncheck();
    } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "the listeners were not there to be given back", e);
    }
  }

  /** Also while there is no kernel, and so no node that could be named. */
  private Problem problem(Supplier<Optional<String>> closed, String path, WarehouseException e) {
    return closed.get().isPresent()
        ? Problems.problem("", path, TraceContext.start(), e)
        : problems.problem(path, TraceContext.start(), e);
  }
}
