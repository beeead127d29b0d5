package io.datawarehouse.kernel.health.cdi;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.health.NodeConditions;
import io.datawarehouse.kernel.plugin.PluginStatus;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.testkit.kernel.DirectMessageBus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.spi.HealthCheckResponseProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HealthBeansTest {

  private final Scene scene = new Scene();

  @BeforeEach
  void answerHere() {
    HealthCheckResponse.setResponseProvider(new Answering());
  }

  @Test
  void nodeThatRunsIsWell() {
    scene.answers(Optional.empty());

    assertThat(new NodeLiveness(scene).call().getStatus()).isEqualTo(Status.UP);
    assertThat(new NodeStarted(scene).call().getStatus()).isEqualTo(Status.UP);
    HealthCheckResponse ready = new NodeReadiness(scene, new StorageProbe(scene)).call();
    assertThat(ready.getStatus()).isEqualTo(Status.UP);
    assertThat(ready.getData()).isEmpty();
  }

  @Test
  void damagedBlobsAreToldAndTheNodeServesAllOthers() {
    scene.answers(Optional.empty());
    scene.damagedBlobs = 3;

    HealthCheckResponse ready = new NodeReadiness(scene, new StorageProbe(scene)).call();

    assertThat(ready.getStatus()).isEqualTo(Status.UP);
    assertThat(ready.getData().orElseThrow()).containsEntry("damagedBlobs", 3L);
  }

  @Test
  void aCoordinatorThatDoesNotWorkIsToldAndTheNodeServesBlobs() {
    scene.answers(Optional.empty());
    scene.withoutCoordinator = Optional.of("the coordinator's log failed: no space left");

    HealthCheckResponse ready = new NodeReadiness(scene, new StorageProbe(scene)).call();

    assertThat(ready.getStatus()).isEqualTo(Status.UP);
    assertThat(ready.getData().orElseThrow())
        .containsEntry("coordinator", "the coordinator's log failed: no space left");
  }

  @Test
  void theBrakeIsToldWithItsReasonAndTheNodeServesOn() {
    scene.answers(Optional.empty());
    scene.brake = Optional.of("2 of 2 other nodes look dead at once: none is removed for that");

    HealthCheckResponse ready = new NodeReadiness(scene, new StorageProbe(scene)).call();

    assertThat(ready.getStatus()).isEqualTo(Status.UP);
    assertThat(ready.getData().orElseThrow())
        .containsEntry("brake", "2 of 2 other nodes look dead at once: none is removed for that");

    scene.brake = Optional.empty();
    assertThat(new NodeReadiness(scene, new StorageProbe(scene)).call().getData()).isEmpty();
  }

  @Test
  void failingProbeIsToldInWords() {
    scene.answers(Optional.of("the disk is gone"));

    assertThat(causeOf(new NodeReadiness(scene, new StorageProbe(scene)).call()))
        .isEqualTo("storage probe failed: STORAGE_FAILED: the disk is gone");
  }

  @Test
  void openBreakerIsToldApartAndNamesTheLastFailure() {
    AtomicInteger calls = new AtomicInteger();
    StorageProbe failingThenOpen =
        new StorageProbe(scene) {
          @Override
          public void probe() {
            if (calls.incrementAndGet() == 1) {
              throw new WarehouseException(StandardErrorCode.TIMEOUT, "no answer");
            }
            throw new CircuitBreakerOpenException("open");
          }
        };
    NodeReadiness first = new NodeReadiness(scene, failingThenOpen);

    assertThat(first.askStorage()).contains("storage probe failed: TIMEOUT: no answer");
    assertThat(first.askStorage())
        .contains("storage circuit breaker is open after repeated failures: TIMEOUT: no answer");
  }

  @Test
  void slowAndUnexpectedProbesAreToldToo() {
    assertThat(readinessWith(new TimeoutException("timed out")).askStorage())
        .contains("storage probe failed: no answer within 5000 ms");
    assertThat(readinessWith(new IllegalStateException("secret")).askStorage())
        .contains("storage probe failed: IllegalStateException");
  }

  @Test
  void storageIsNotAskedBeforeTheKernelRuns() {
    scene.phase = NodeConditions.Phase.STARTING;

    assertThat(causeOf(new NodeReadiness(scene, new StorageProbe(scene)).call()))
        .isEqualTo("the kernel is starting");
  }

  @Test
  void breakerStandsOnTheProbe() throws NoSuchMethodException {
    CircuitBreaker breaker =
        StorageProbe.class.getMethod("probe").getAnnotation(CircuitBreaker.class);

    assertThat(breaker.requestVolumeThreshold()).isEqualTo(4);
    assertThat(breaker.failureRatio()).isEqualTo(0.5);
    assertThat(breaker.delay()).isEqualTo(5_000);
  }

  private NodeReadiness readinessWith(RuntimeException failure) {
    return new NodeReadiness(
        scene,
        new StorageProbe(scene) {
          @Override
          public void probe() {
            throw failure;
          }
        });
  }

  private static String causeOf(HealthCheckResponse response) {
    assertThat(response.getStatus()).isEqualTo(Status.DOWN);
    return response.getData().orElseThrow().get("cause").toString();
  }

  /** A node that runs, with a bus on which a store answers. */
  private static final class Scene implements NodeConditions {
    Optional<String> withoutOwners = Optional.empty();
    Phase phase = Phase.RUNNING;
    int damagedBlobs;
    Optional<String> withoutCoordinator = Optional.empty();
    Optional<String> brake = Optional.empty();
    final DirectMessageBus bus = new DirectMessageBus();

    void answers(Optional<String> illness) {
      bus.handle(
          StorageTopics.PROBE,
          HandlerOptions.direct(),
          MessageHandler.sync(
              message -> {
                if (illness.isPresent()) {
                  throw new WarehouseException(StandardErrorCode.STORAGE_FAILED, illness.get());
                }
                return Reply.empty();
              }));
    }

    @Override
    public Phase phase() {
      return phase;
    }

    @Override
    public Optional<String> failure() {
      return Optional.empty();
    }

    @Override
    public List<PluginStatus> plugins() {
      return List.of();
    }

    @Override
    public Optional<MessageBus> bus() {
      return Optional.of(bus);
    }

    @Override
    public List<String> stalls() {
      return List.of();
    }

    @Override
    public Optional<String> withoutCoordinator() {
      return withoutCoordinator;
    }

    @Override
    public Optional<String> brake() {
      return brake;
    }

    @Override
    public Optional<String> withoutOwners() {
      return withoutOwners;
    }

    @Override
    public Optional<String> withoutKeys() {
      return Optional.empty();
    }

    @Override
    public int damagedBlobs() {
      return damagedBlobs;
    }

    @Override
    public Optional<String> shortOfSpace() {
      return Optional.empty();
    }
  }

  /** Makes answers, as the platform does. */
  private static final class Answering implements HealthCheckResponseProvider {
    @Override
    public HealthCheckResponseBuilder createResponseBuilder() {
      return new Building();
    }
  }

  private static final class Building extends HealthCheckResponseBuilder {
    private String name = "";
    private Status status = Status.DOWN;
    private final Map<String, Object> data = new HashMap<>();

    @Override
    public HealthCheckResponseBuilder name(String newName) {
      name = newName;
      return this;
    }

    @Override
    public HealthCheckResponseBuilder withData(String key, String value) {
      data.put(key, value);
      return this;
    }

    @Override
    public HealthCheckResponseBuilder withData(String key, long value) {
      data.put(key, value);
      return this;
    }

    @Override
    public HealthCheckResponseBuilder withData(String key, boolean value) {
      data.put(key, value);
      return this;
    }

    @Override
    public HealthCheckResponseBuilder up() {
      return status(true);
    }

    @Override
    public HealthCheckResponseBuilder down() {
      return status(false);
    }

    @Override
    public HealthCheckResponseBuilder status(boolean isUp) {
      status = isUp ? Status.UP : Status.DOWN;
      return this;
    }

    @Override
    public HealthCheckResponse build() {
      return new HealthCheckResponse(
          name, status, data.isEmpty() ? Optional.empty() : Optional.of(data));
    }
  }
}
