package io.datawarehouse.kernel.bus;

import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.testkit.message.MessageBusContract;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;

/** The local bus keeps the contract of every bus. */
class LocalMessageBusContractTest extends MessageBusContract {

  private final BusFixture fixture = new BusFixture(Clock.systemUTC(), Duration.ofSeconds(30));

  @Override
  protected MessageBus sender() {
    return fixture.bus.view("sender");
  }

  @Override
  protected MessageBus receiver() {
    return fixture.bus.view("receiver");
  }

  @AfterEach
  void close() {
    fixture.close();
  }
}
