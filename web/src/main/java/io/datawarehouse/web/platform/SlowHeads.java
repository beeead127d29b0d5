package io.datawarehouse.web.platform;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.sdk.metric.Metrics;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.inject.Inject;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.glassfish.grizzly.Connection;
import org.jspecify.annotations.Nullable;

/**
 * Closes the connections of clients that take longer than {@code dw.http.head.timeout} to send the
 * head of a request. The server itself has a limit for silence only, so a byte now and then would
 * hold a connection for ever.
 */
@WebListener
public class SlowHeads implements ServletContextListener {

  private static final System.Logger LOG = System.getLogger(SlowHeads.class.getName());
  private static final Duration USUAL_LIMIT = Duration.ofSeconds(20);
  private static final long LONGEST_STEP = 1_000;
  private static final int STEPS = 4;

  @Inject Kernel kernel;
  @Resource ManagedScheduledExecutorService scheduler;

  private @Nullable HeadProbes probes;
  private @Nullable ScheduledFuture<?> looking;

  @Override
  public void contextInitialized(ServletContextEvent event) {
    Duration limit = kernel.config().duration("dw.http.head.timeout", USUAL_LIMIT);
    HeadWatch<Connection<?>> watch = new HeadWatch<>(limit, System::nanoTime, Connection::isOpen);
    try {
      HeadProbes begun = new HeadProbes(watch);
      int count = begun.begin();
      probes = begun;
      LOG.log(System.Logger.Level.DEBUG, "slow heads are closed at {0} listeners", count);
    } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "clients may send heads as slowly as they like", e);
      return;
    }
    Metrics.Counter closed =
        kernel
            .metrics()
            .counter("http.slow.heads", "Connections closed for a head too slow", Map.of());
    long step = Math.max(1, Math.min(LONGEST_STEP, limit.toMillis() / STEPS));
    looking =
        scheduler.scheduleWithFixedDelay(
            () -> close(watch.takeLate(), closed), step, step, TimeUnit.MILLISECONDS);
  }

  private static void close(List<Connection<?>> late, Metrics.Counter closed) {
    for (Connection<?> connection : late) {
      closed.increment();
      connection.closeSilently();
    }
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    if (looking != null) {
      looking.cancel(false);
    }
    try {
      if (probes != null) {
        probes.end();
      }
    } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "the listeners were not there to be given back", e);
    }
  }
}
