package io.datawarehouse.kernel.health.cdi;

import io.datawarehouse.kernel.health.HealthAnswer;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/** Says the kernel's answers in the terms of MicroProfile Health. */
final class Answers {

  private Answers() {}

  static HealthCheckResponse named(String name, HealthAnswer answer) {
    HealthCheckResponseBuilder response = HealthCheckResponse.named(name).status(answer.up());
    if (!answer.up()) {
      response.withData("cause", answer.cause());
    }
    return response.build();
  }
}
