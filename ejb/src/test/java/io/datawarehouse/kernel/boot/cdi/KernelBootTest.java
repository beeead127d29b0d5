package io.datawarehouse.kernel.boot.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.health.NodeConditions;
import io.datawarehouse.kernel.health.NodeConditions.Phase;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.plugin.PluginState;
import jakarta.enterprise.concurrent.ManageableThread;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.eclipse.microprofile.config.Config;
import org.jboss.weld.junit.MockBean;
import org.jboss.weld.junit5.WeldInitiator;
import org.jboss.weld.junit5.WeldJunit5Extension;
import org.jboss.weld.junit5.WeldSetup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The container's part of the boot: what it finds, what it injects, what it logs. */
@ExtendWith(WeldJunit5Extension.class)
class KernelBootTest {

  @TempDir static Path parent;

  private static final Map<String, String> SETTINGS = new HashMap<>();

  @WeldSetup
  WeldInitiator weld =
      WeldInitiator.from(KernelHolder.class, KernelBoot.class, StorageBean.class, GreeterBean.class)
          .addBeans(
              MockBean.builder()
                  .types(Config.class)
                  .scope(Dependent.class)
                  .create(context -> new FixedConfig(SETTINGS))
                  .build())
          .bindResource("java:comp/DefaultManagedThreadFactory", new PlainThreads())
          .activate(ApplicationScoped.class)
          .build();

  private final List<String> log = new CopyOnWriteArrayList<>();

  /** Held, because a logger that nobody holds goes away with its handlers. */
  private final Logger logger = Logger.getLogger(KernelBoot.class.getName());

  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          log.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen(TestInfo test) {
    SETTINGS.clear();
    SETTINGS.put("dw.data.dir", parent.resolve(test.getDisplayName().replace("()", "")).toString());
    logger.addHandler(handler);
  }

  @AfterEach
  void stopListening() {
    logger.removeHandler(handler);
  }

  @Test
  void pluginsAreFoundByTheirStereotypeAndServe() {
    assertThat(conditions().phase()).isEqualTo(Phase.STARTING);
    KernelBoot boot = weld.select(KernelBoot.class).get();

    Kernel kernel = weld.select(Kernel.class).get();
    assertThat(kernel.plugins().plugins())
        .extracting(status -> status.id() + " " + status.state())
        .containsExactly("fake-storage RUNNING", "greeter RUNNING");
    assertThat(
            kernel
                .bus()
                .request(Message.query(GreeterBean.GREET, Payload.of("you")).build())
                .toCompletableFuture()
                .join()
                .as(String.class))
        .isEqualTo("hello you");
    assertThat(conditions().phase()).isEqualTo(Phase.RUNNING);
    assertThat(conditions().bus()).isPresent();
    assertThat(log)
        .singleElement()
        .asString()
        .startsWith("DW-READY: node " + kernel.nodeId() + " serves")
        .contains("fake-storage, greeter");

    boot.stop();

    assertThat(conditions().phase()).isEqualTo(Phase.STOPPED);
    assertThat(kernel.plugins().plugins())
        .allSatisfy(status -> assertThat(status.state()).isEqualTo(PluginState.STOPPED));
  }

  @Test
  void failedBootIsOneLineOfLogAndFailsTheDeployment() {
    SETTINGS.put("dw.storage.provider", "tape");
    SETTINGS.put("dw.bus.threads", "many");

    assertThatThrownBy(() -> weld.select(KernelBoot.class).get())
        .rootCause()
        .isInstanceOf(WarehouseException.class);

    assertThat(log)
        .singleElement()
        .asString()
        .startsWith("DW-BOOT-FAILED: ")
        .contains("dw.bus.threads is 'many'", "dw.storage.provider is 'tape'")
        .doesNotContain("\n");
    assertThat(conditions().phase()).isEqualTo(Phase.FAILED);
    assertThat(conditions().failure().orElseThrow()).contains("'tape'");
    assertThatThrownBy(() -> weld.select(Kernel.class).get())
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("the node did not start")
        .extracting(e -> ((WarehouseException) e).code())
        .isEqualTo(StandardErrorCode.UNAVAILABLE);
  }

  @Test
  void nobodyGetsAKernelBeforeItHasStarted() {
    assertThatThrownBy(() -> weld.select(Kernel.class).get())
        .isInstanceOf(WarehouseException.class)
        .hasMessage("the node is starting");
    assertThat(conditions().plugins()).isEmpty();
    assertThat(conditions().stalls()).isEmpty();
    assertThat(conditions().shortOfSpace()).isEmpty();
  }

  @Test
  void lastThreadsComeFromElsewhereWhenTheContainerGivesNoMore() {
    ContainerThreads threads =
        new ContainerThreads(
            work -> {
              throw new IllegalStateException("the application is being taken down");
            },
            getClass().getClassLoader());

    assertThat(threads.newThread(() -> {})).isNotInstanceOf(ManageableThread.class);
  }

  @Test
  void containerIsAskedForNoThreadsOnceTheApplicationEnds() {
    ContainerThreads threads =
        new ContainerThreads(new PlainThreads(), getClass().getClassLoader());
    assertThat(threads.newThread(() -> {})).isInstanceOf(ManageableThread.class);

    threads.end();

    assertThat(threads.newThread(() -> {})).isNotInstanceOf(ManageableThread.class);
  }

  private NodeConditions conditions() {
    return weld.select(NodeConditions.class).get();
  }

  /** Threads as a container would make them. */
  private static final class PlainThreads implements ManagedThreadFactory {
    @Override
    public Thread newThread(Runnable work) {
      return new Managed(work);
    }

    @Override
    public ForkJoinWorkerThread newThread(ForkJoinPool pool) {
      throw new UnsupportedOperationException();
    }

    private static final class Managed extends Thread implements ManageableThread {
      Managed(Runnable work) {
        super(work);
      }

      @Override
      public boolean isShutdown() {
        return false;
      }
    }
  }
}
