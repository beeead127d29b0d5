package io.datawarehouse.kernel.bus;

import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.testkit.plugin.IntelligenceAwareContract;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;

/** Features find intelligence, and do without it, over the local bus. */
class LocalMessageBusIntelligenceTest extends IntelligenceAwareContract {

  private final BusFixture fixture = new BusFixture(Clock.systemUTC(), Duration.ofSeconds(30));

  @Override
  protected MessageBus featureBus() {
    return fixture.bus.view("feature");
  }

  @Override
  protected MessageBus intelligenceBus() {
    return fixture.bus.view("intelligence");
  }

  @AfterEach
  void close() {
    fixture.close();
  }
}
