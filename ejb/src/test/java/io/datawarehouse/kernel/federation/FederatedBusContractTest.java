package io.datawarehouse.kernel.federation;

import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.testkit.message.MessageBusContract;
import org.junit.jupiter.api.AfterEach;

/** A bus over three nodes keeps the contract of every bus; real sockets on loopback. */
class FederatedBusContractTest extends MessageBusContract {

  private final Lab lab = Lab.of("a", "b", "c");

  @Override
  protected MessageBus sender() {
    return lab.node("a").view("sender");
  }

  @Override
  protected MessageBus receiver() {
    return lab.node("b").view("receiver");
  }

  /** Waits until all nodes know what all of them handle and hear. */
  @Override
  protected void settle() {
    Lab.eventually(
        () ->
            lab.nodes().stream()
                .allMatch(
                    node -> node.directory.snapshot().sameAs(lab.node("b").directory.snapshot())));
  }

  @AfterEach
  void close() {
    lab.close();
  }
}
