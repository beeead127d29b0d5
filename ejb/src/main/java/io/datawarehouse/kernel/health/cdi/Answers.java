package io.datawarehouse.kernel.health.cdi;

import io.datawarehouse.kernel.health.HealthAnswer;
import io.datawarehouse.kernel.health.NodeConditions;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/** Says the kernel's answers in the terms of MicroProfile Health. */
final class Answers {

  private Answers() {}

  static HealthCheckResponse named(String name, HealthAnswer answer) {
    return response(name, answer).build();
  }

  /**
   * A node with damaged blobs serves all others, one whose coordinator does not work serves blobs,
   * and one that holds the brake serves what it can: that is told, and no reason to send it
   * nothing.
   */
  static HealthCheckResponse named(String name, HealthAnswer answer, NodeConditions conditions) {
    HealthCheckResponseBuilder response = response(name, answer);
    if (conditions.damagedBlobs() > 0) {
      response.withData("damagedBlobs", conditions.damagedBlobs());
    }
    conditions.withoutCoordinator().ifPresent(why -> response.withData("coordinator", why));
    conditions.brake().ifPresent(why -> response.withData("brake", why));
    return response.build();
  }

  private static HealthCheckResponseBuilder response(String name, HealthAnswer answer) {
    HealthCheckResponseBuilder response = HealthCheckResponse.named(name).status(answer.up());
    if (!answer.up()) {
      response.withData("cause", answer.cause());
    }
    return response;
  }
}
