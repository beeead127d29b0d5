package io.datawarehouse.kernel.detector;

import io.datawarehouse.sdk.cluster.NodeHealth;

/** What a node is held for, and by what kind of reason; its words are made when somebody asks. */
enum Judgement {
  /** It is the node that judges. */
  SELF(NodeHealth.HEALTHY),
  /** It is the node that judges, and busy. */
  SELF_BUSY(NodeHealth.DEGRADED),
  /** It has not said anything yet, and need not have. */
  NOT_HEARD_YET(NodeHealth.UNKNOWN),
  /** This node stood still and has not heard it since. */
  NOT_HEARD_SINCE_STANDSTILL(NodeHealth.UNKNOWN),
  /** It has been a member for a while and never said anything. */
  NEVER_HEARD(NodeHealth.UNHEALTHY),
  /** The membership says that it left or died. */
  GONE(NodeHealth.OFFLINE),
  /** Its connection broke. */
  LOST(NodeHealth.OFFLINE),
  /** The same, while the brake is on. */
  LOST_WITH_MANY(NodeHealth.UNHEALTHY),
  /** It is silent for long. */
  SILENT_FOR_LONG(NodeHealth.OFFLINE),
  /** The same, while the brake is on. */
  SILENT_WITH_MANY(NodeHealth.UNHEALTHY),
  /** It is silent for longer than can be by chance. */
  SILENT(NodeHealth.UNHEALTHY),
  /** Most requests to it fail. */
  FAILING(NodeHealth.UNHEALTHY),
  /** Some requests to it fail. */
  FAILING_SOMETIMES(NodeHealth.DEGRADED),
  /** The membership does not hear it, but this node does. */
  SUSPECTED(NodeHealth.DEGRADED),
  /** It was silent and has just been heard again. */
  JUST_BACK(NodeHealth.DEGRADED),
  /** It takes long to answer. */
  SLOW(NodeHealth.DEGRADED),
  /** It says that it has no room left. */
  BUSY(NodeHealth.DEGRADED),
  /** Nothing is wrong. */
  WELL(NodeHealth.HEALTHY);

  private final NodeHealth health;

  Judgement(NodeHealth health) {
    this.health = health;
  }

  NodeHealth health() {
    return health;
  }

  /** Returns whether the next sign of life changes the judgement. */
  boolean waitsForASign() {
    return dead() || this == NOT_HEARD_YET || this == NOT_HEARD_SINCE_STANDSTILL;
  }

  /** Returns whether it gives no sign of life, though it should. */
  boolean dead() {
    return switch (this) {
      case NEVER_HEARD, LOST, LOST_WITH_MANY, SILENT, SILENT_FOR_LONG, SILENT_WITH_MANY -> true;
      case SELF,
          SELF_BUSY,
          NOT_HEARD_YET,
          NOT_HEARD_SINCE_STANDSTILL,
          GONE,
          FAILING,
          FAILING_SOMETIMES,
          SUSPECTED,
          JUST_BACK,
          SLOW,
          BUSY,
          WELL ->
          false;
    };
  }
}
