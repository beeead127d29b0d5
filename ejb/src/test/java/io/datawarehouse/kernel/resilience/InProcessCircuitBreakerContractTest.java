package io.datawarehouse.kernel.resilience;

import io.datawarehouse.sdk.resilience.CircuitBreaker;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import io.datawarehouse.testkit.resilience.CircuitBreakerContract;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

class InProcessCircuitBreakerContractTest extends CircuitBreakerContract {

  // Near the end of the range, so that it overflows in every test.
  private final AtomicLong ticker = new AtomicLong(Long.MAX_VALUE - 5);

  @Override
  protected CircuitBreaker breaker(CircuitBreakerSettings settings, int mostCircuits) {
    return new InProcessCircuitBreaker(settings, ticker::get, mostCircuits);
  }

  @Override
  protected void advance(Duration by) {
    ticker.addAndGet(by.toNanos());
  }
}
