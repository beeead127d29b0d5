package io.datawarehouse.kernel.health.cdi;

import io.datawarehouse.kernel.health.HealthAnswer;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/** Says the kernel's answers in the terms of MicroProfile Health. */
final class Answers {

  private Answers() {}

  static HealthCheckResponse named(String name, HealthAnswer answer) {
    return named(name, answer, 0, Optional.empty());
  }

  /**
   * A node with damaged blobs serves all others, and one whose coordinator does not work serves
   * blobs: that is told, and no reason to send it nothing.
   */
  static HealthCheckResponse named(
      String name, HealthAnswer answer, int damagedBlobs, Optional<String> withoutCoordinator) {
    HealthCheckResponseBuilder response = HealthCheckResponse.named(name).status(answer.up());
    if (damagedBlobs > 0) {
      response.withData("damagedBlobs", damagedBlobs);
    }
    withoutCoordinator.ifPresent(why -> response.withData("coordinator", why));
    if (!answer.up()) {
      response.withData("cause", answer.cause());
    }
    return response.build();
  }
}
