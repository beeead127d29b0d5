package io.datawarehouse.kernel.health;

import java.util.List;

/**
 * The answer to one question after the node's health. Immutable.
 *
 * @param up whether all is well
 * @param causes why it is not, each in words; empty where all is well
 */
public record HealthAnswer(boolean up, List<String> causes) {

  /** Copies. */
  public HealthAnswer {
    causes = List.copyOf(causes);
  }

  /** Makes an answer that is good where there is no cause for another. */
  static HealthAnswer of(List<String> causes) {
    return new HealthAnswer(causes.isEmpty(), causes);
  }

  /** Returns the causes in one line. */
  public String cause() {
    return String.join("; ", causes);
  }
}
