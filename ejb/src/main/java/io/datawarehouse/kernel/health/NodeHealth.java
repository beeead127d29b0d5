package io.datawarehouse.kernel.health;

import io.datawarehouse.kernel.health.NodeConditions.Phase;
import io.datawarehouse.kernel.plugin.PluginStatus;
import io.datawarehouse.sdk.plugin.PluginState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Judges whether a node lives, serves and has started. Thread-safe. */
public final class NodeHealth {

  private final NodeConditions conditions;
  private final Supplier<Optional<String>> deadlock;

  /**
   * Makes a judge.
   *
   * @param deadlock tells which threads wait for each other for ever, if any do
   */
  public NodeHealth(NodeConditions conditions, Supplier<Optional<String>> deadlock) {
    this.conditions = conditions;
    this.deadlock = deadlock;
  }

  /** Returns whether the process is worth keeping; where it is not, a new one is needed. */
  public HealthAnswer live() {
    List<String> causes = new ArrayList<>();
    if (conditions.phase() == Phase.FAILED) {
      causes.add("the kernel did not start: " + conditions.failure().orElse("for no known reason"));
    }
    causes.addAll(conditions.stalls());
    deadlock.get().ifPresent(causes::add);
    return HealthAnswer.of(causes);
  }

  /** Returns whether the start is over. */
  public HealthAnswer started() {
    return switch (conditions.phase()) {
      case RUNNING, STOPPING -> HealthAnswer.of(List.of());
      default -> HealthAnswer.of(List.of(phaseInWords()));
    };
  }

  /**
   * Returns whether the node can serve requests now.
   *
   * @param storageProblem asks the storage; called only when the kernel runs
   */
  public HealthAnswer ready(Supplier<Optional<String>> storageProblem) {
    if (conditions.phase() != Phase.RUNNING) {
      return HealthAnswer.of(List.of(phaseInWords()));
    }
    List<String> causes = new ArrayList<>();
    for (PluginStatus plugin : conditions.plugins()) {
      if (plugin.required() && needed(plugin.state())) {
        causes.add(
            "required plugin '%s' is %s%s"
                .formatted(
                    plugin.id(),
                    plugin.state(),
                    plugin.reason().map(reason -> ": " + reason).orElse("")));
      }
    }
    conditions.withoutOwners().ifPresent(causes::add);
    conditions.withoutKeys().ifPresent(causes::add);
    conditions.shortOfSpace().ifPresent(causes::add);
    storageProblem.get().ifPresent(causes::add);
    return HealthAnswer.of(causes);
  }

  /** A plugin that stands by is not missed: another one does its work. */
  private static boolean needed(PluginState state) {
    return state != PluginState.RUNNING && state != PluginState.STANDBY;
  }

  private String phaseInWords() {
    return switch (conditions.phase()) {
      case STARTING -> "the kernel is starting";
      case RUNNING -> "the kernel is running";
      case STOPPING -> "the kernel is stopping";
      case STOPPED -> "the kernel has stopped";
      case FAILED ->
          "the kernel did not start: " + conditions.failure().orElse("for no known reason");
    };
  }
}
