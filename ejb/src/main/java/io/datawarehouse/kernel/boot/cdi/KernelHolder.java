package io.datawarehouse.kernel.boot.cdi;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.health.NodeConditions;
import io.datawarehouse.kernel.plugin.PluginStatus;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.MessageBus;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the beans of the application find the kernel, and the health checks what is known while
 * there is none. Thread-safe.
 */
@ApplicationScoped
public class KernelHolder implements NodeConditions {

  private volatile @Nullable Kernel kernel;
  private volatile @Nullable String failure;

  /** Makes a holder that waits for a kernel. */
  public KernelHolder() {
    // The container makes one for the application and one for its proxy.
  }

  void started(Kernel running) {
    kernel = running;
  }

  void failed(String reason) {
    failure = reason;
  }

  /**
   * Returns the kernel; it is final, so the bean that asks holds the object itself.
   *
   * @throws WarehouseException {@code UNAVAILABLE} as long as there is none
   */
  @Produces
  @Dependent
  public Kernel kernel() {
    Kernel running = kernel;
    if (running == null) {
      String reason = failure;
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE,
          reason == null ? "the node is starting" : "the node did not start: " + reason);
    }
    return running;
  }

  @Override
  public Phase phase() {
    Kernel running = kernel;
    if (running != null) {
      return running.conditions().phase();
    }
    return failure == null ? Phase.STARTING : Phase.FAILED;
  }

  @Override
  public Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public List<PluginStatus> plugins() {
    Kernel running = kernel;
    return running == null ? List.of() : running.conditions().plugins();
  }

  @Override
  public Optional<MessageBus> bus() {
    return Optional.ofNullable(kernel).map(Kernel::bus);
  }

  @Override
  public List<String> stalls() {
    Kernel running = kernel;
    return running == null ? List.of() : running.conditions().stalls();
  }

  @Override
  public Optional<String> withoutKeys() {
    Kernel running = kernel;
    return running == null ? Optional.empty() : running.conditions().withoutKeys();
  }

  @Override
  public Optional<String> withoutOwners() {
    Kernel running = kernel;
    return running == null ? Optional.empty() : running.conditions().withoutOwners();
  }

  @Override
  public int damagedBlobs() {
    Kernel running = kernel;
    return running == null ? 0 : running.conditions().damagedBlobs();
  }

  @Override
  public Optional<String> withoutCoordinator() {
    Kernel running = kernel;
    return running == null ? Optional.empty() : running.conditions().withoutCoordinator();
  }

  @Override
  public Optional<String> brake() {
    Kernel running = kernel;
    return running == null ? Optional.empty() : running.conditions().brake();
  }

  @Override
  public Optional<String> shortOfSpace() {
    Kernel running = kernel;
    return running == null ? Optional.empty() : running.conditions().shortOfSpace();
  }
}
