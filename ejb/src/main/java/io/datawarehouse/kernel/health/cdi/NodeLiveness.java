package io.datawarehouse.kernel.health.cdi;

import io.datawarehouse.kernel.health.Deadlocks;
import io.datawarehouse.kernel.health.NodeConditions;
import io.datawarehouse.kernel.health.NodeHealth;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** {@code /health/live}: whether the process is worth keeping. */
@Liveness
@ApplicationScoped
public class NodeLiveness implements HealthCheck {

  private final NodeConditions conditions;

  /** For the container's proxy only. */
  @SuppressWarnings("NullAway")
  protected NodeLiveness() {
    this(null);
  }

  /** Makes the check of a node. */
  @Inject
  public NodeLiveness(NodeConditions conditions) {
    this.conditions = conditions;
  }

  @Override
  public HealthCheckResponse call() {
    return Answers.named("kernel", new NodeHealth(conditions, Deadlocks::find).live());
  }
}
