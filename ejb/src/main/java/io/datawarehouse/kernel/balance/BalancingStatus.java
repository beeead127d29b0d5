package io.datawarehouse.kernel.balance;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What balancing does now and why. Immutable.
 *
 * @param mode the mode in force
 * @param modeBecause why it is this one
 * @param algorithm the strategy that chooses now
 * @param algorithmBecause why it is this one
 * @param algorithms all that can be chosen, sorted
 * @param affinities all providers of affinity that can be named in rules, sorted
 * @param settings every setting by its name
 * @param strategySettings every setting of each strategy that has some, by the names of both
 */
public record BalancingStatus(
    String mode,
    String modeBecause,
    String algorithm,
    String algorithmBecause,
    List<String> algorithms,
    List<String> affinities,
    Map<String, Value> settings,
    Map<String, Map<String, Value>> strategySettings) {

  /**
   * A value and where it comes from. Immutable.
   *
   * @param value a string, a number, true or false, or strings by name; null where there is none
   * @param source {@code tier} or {@code default}, {@code config}, {@code operator}
   */
  public record Value(@Nullable Object value, String source) {}

  /** Copies. */
  public BalancingStatus {
    algorithms = List.copyOf(algorithms);
    affinities = List.copyOf(affinities);
  }
}
