package io.datawarehouse.kernel.boot;

import io.datawarehouse.kernel.config.KernelConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;

/**
 * What a kernel is started with. Immutable.
 *
 * @param dataDirectory where the node keeps all that is its own; made if it is missing
 * @param config the settings; which storage provider runs is one of them
 * @param clock the only clock of the node
 * @param threadFactory makes the threads of the node
 * @param environment the variables of the process, in which secrets may be
 */
public record KernelOptions(
    Path dataDirectory,
    KernelConfig config,
    Clock clock,
    ThreadFactory threadFactory,
    Map<String, String> environment) {

  /** Checks that nothing is missing. */
  public KernelOptions {
    Objects.requireNonNull(dataDirectory, "dataDirectory");
    Objects.requireNonNull(config, "config");
    Objects.requireNonNull(clock, "clock");
    Objects.requireNonNull(threadFactory, "threadFactory");
    environment = Map.copyOf(environment);
  }

  /** Makes options with the environment of this process. */
  public KernelOptions(
      Path dataDirectory, KernelConfig config, Clock clock, ThreadFactory threadFactory) {
    this(dataDirectory, config, clock, threadFactory, System.getenv());
  }

  /** Shows no environment. */
  @Override
  public String toString() {
    return "KernelOptions of '" + dataDirectory + "'";
  }
}
