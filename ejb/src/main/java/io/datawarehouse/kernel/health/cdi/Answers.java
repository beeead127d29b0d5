package io.datawarehouse.kernel.health.cdi;

import io.datawarehouse.kernel.health.HealthAnswer;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/** Says the kernel's answers in the terms of MicroProfile Health. */
final class Answers {

  private Answers() {}

  static HealthCheckResponse named(String name, HealthAnswer answer) {
    return named(name, answer, 0);
  }

  /** A node with damaged blobs serves all others: that is told, and no reason to stop it. */
  static HealthCheckResponse named(String name, HealthAnswer answer, int damagedBlobs) {
    HealthCheckResponseBuilder response = HealthCheckResponse.named(name).status(answer.up());
    if (damagedBlobs > 0) {
      response.withData("damagedBlobs", damagedBlobs);
    }
    if (!answer.up()) {
      response.withData("cause", answer.cause());
    }
    return response.build();
  }
}
