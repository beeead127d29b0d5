package io.datawarehouse.kernel.federation;

import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import io.datawarehouse.testkit.message.MessageBusContract;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The bus of a node that is alone keeps the contract of every bus. */
class LoneBusContractTest extends MessageBusContract {

  private final LoneNode node =
      new LoneNode(
          new InMemoryKernelStorage(),
          1,
          LoneMessageBus.OUTBOX_EVENTS,
          new ConcurrentLinkedQueue<>());

  @BeforeEach
  void start() {
    node.bus.resume();
  }

  @Override
  protected MessageBus sender() {
    return node.bus.view("sender");
  }

  @Override
  protected MessageBus receiver() {
    return node.bus.view("receiver");
  }

  @AfterEach
  void close() {
    node.close();
  }
}
