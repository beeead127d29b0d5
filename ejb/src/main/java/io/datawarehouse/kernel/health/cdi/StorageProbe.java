package io.datawarehouse.kernel.health.cdi;

import io.datawarehouse.kernel.health.NodeConditions;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.Payload;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.Timeout;

/**
 * Asks the storage, over the bus, to write and read something small. A store that fails again and
 * again is left alone for a while: the breaker answers in its place.
 */
@ApplicationScoped
public class StorageProbe {

  /** How long the storage may take, in milliseconds. */
  static final long LIMIT_MILLIS = 5_000;

  private final NodeConditions conditions;

  /** For the container's proxy only. */
  @SuppressWarnings("NullAway")
  protected StorageProbe() {
    this(null);
  }

  /** Makes the probe of a node. */
  @Inject
  public StorageProbe(NodeConditions conditions) {
    this.conditions = conditions;
  }

  /**
   * Returns when the storage has answered well.
   *
   * @throws WarehouseException what went wrong
   */
  // Payara takes the delay for milliseconds whatever the unit says, so milliseconds it is.
  @CircuitBreaker(requestVolumeThreshold = 4, failureRatio = 0.5, delay = 5_000)
  @Timeout(LIMIT_MILLIS)
  public void probe() {
    try {
      var unused =
          bus()
              .request(
                  Message.query(StorageTopics.PROBE, Payload.empty())
                      .timeout(Duration.ofMillis(LIMIT_MILLIS))
                      .build())
              .toCompletableFuture()
              .get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof WarehouseException known
          ? known
          : new WarehouseException(
              StandardErrorCode.STORAGE_FAILED, "the storage failed", e.getCause());
    } catch (TimeoutException e) {
      throw new WarehouseException(
          StandardErrorCode.TIMEOUT, "no answer within " + LIMIT_MILLIS + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WarehouseException(StandardErrorCode.TIMEOUT, "the probe was interrupted", e);
    }
  }

  private MessageBus bus() {
    return conditions
        .bus()
        .orElseThrow(
            () -> new WarehouseException(StandardErrorCode.UNAVAILABLE, "there is no bus"));
  }
}
