package io.datawarehouse.sdk.plugin;

import java.util.EnumSet;
import java.util.Set;

/**
 * Where a plugin is in its life.
 *
 * <pre>
 *  DISCOVERED ─► NEGOTIATED ─► STARTING ─► RUNNING ─► STOPPING ─► STOPPED
 *      │             │             │                     ▲
 *      ▼             ▼             ▼                     │
 *   REJECTED      STANDBY       FAILED ──────────────────┘ (stop is still called)
 * </pre>
 */
public enum PluginState {
  /** Found, nothing asked yet. */
  DISCOVERED,
  /** The handshake went well. */
  NEGOTIATED,
  /** It fits, but configuration selected another provider of its capability. */
  STANDBY,
  /** It, or the kernel, refused. */
  REJECTED,
  /** Its {@code start} is under way. */
  STARTING,
  /** It works. */
  RUNNING,
  /** Its {@code start} failed or took too long. */
  FAILED,
  /** Its {@code stop} is under way. */
  STOPPING,
  /** It has stopped. */
  STOPPED;

  /** Returns the states from which this one can be reached in one step. */
  public Set<PluginState> predecessors() {
    return switch (this) {
      case DISCOVERED -> EnumSet.noneOf(PluginState.class);
      case NEGOTIATED, REJECTED -> EnumSet.of(DISCOVERED);
      case STANDBY, STARTING -> EnumSet.of(NEGOTIATED);
      case RUNNING, FAILED -> EnumSet.of(STARTING);
      case STOPPING -> EnumSet.of(STARTING, RUNNING, FAILED);
      case STOPPED -> EnumSet.of(STOPPING);
    };
  }
}
