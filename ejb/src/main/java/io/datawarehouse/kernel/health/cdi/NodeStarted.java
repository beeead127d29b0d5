package io.datawarehouse.kernel.health.cdi;

import io.datawarehouse.kernel.health.NodeConditions;
import io.datawarehouse.kernel.health.NodeHealth;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** {@code /health/started}: whether the start is over. */
@Startup
@ApplicationScoped
public class NodeStarted implements HealthCheck {

  private final NodeConditions conditions;

  /** For the container's proxy only. */
  @SuppressWarnings("NullAway")
  protected NodeStarted() {
    this(null);
  }

  /** Makes the check of a node. */
  @Inject
  public NodeStarted(NodeConditions conditions) {
    this.conditions = conditions;
  }

  @Override
  public HealthCheckResponse call() {
    return Answers.named("boot", new NodeHealth(conditions, Optional::empty).started());
  }
}
