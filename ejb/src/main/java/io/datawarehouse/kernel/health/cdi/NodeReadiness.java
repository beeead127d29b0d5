package io.datawarehouse.kernel.health.cdi;

import io.datawarehouse.kernel.health.NodeConditions;
import io.datawarehouse.kernel.health.NodeHealth;
import io.datawarehouse.kernel.health.RecentAnswer;
import io.datawarehouse.sdk.error.WarehouseException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** {@code /health/ready}: whether the node can serve requests now. */
@Readiness
@ApplicationScoped
public class NodeReadiness implements HealthCheck {

  private static final Duration KEEP_ANSWER = Duration.ofSeconds(1);

  private final NodeConditions conditions;
  private final StorageProbe storage;
  private final RecentAnswer storageProblem;
  private volatile String lastFailure = "not known";

  /** For the container's proxy only. */
  @SuppressWarnings("NullAway")
  protected NodeReadiness() {
    this(null, null);
  }

  /** Makes the check of a node. */
  @Inject
  public NodeReadiness(NodeConditions conditions, StorageProbe storage) {
    this.conditions = conditions;
    this.storage = storage;
    this.storageProblem = new RecentAnswer(this::askStorage, System::nanoTime, KEEP_ANSWER);
  }

  @Override
  public HealthCheckResponse call() {
    return Answers.named(
        "node", new NodeHealth(conditions, Optional::empty).ready(storageProblem), conditions);
  }

  /** Returns what is wrong with the storage, in words. */
  Optional<String> askStorage() {
    try {
      storage.probe();
      return Optional.empty();
    } catch (CircuitBreakerOpenException e) {
      return Optional.of("storage circuit breaker is open after repeated failures: " + lastFailure);
    } catch (TimeoutException e) {
      return failed("no answer within " + StorageProbe.LIMIT_MILLIS + " ms");
    } catch (WarehouseException e) {
      return failed(e.toString());
    } catch (RuntimeException e) {
      return failed(e.getClass().getSimpleName());
    }
  }

  private Optional<String> failed(String why) {
    lastFailure = why;
    return Optional.of("storage probe failed: " + why);
  }
}
