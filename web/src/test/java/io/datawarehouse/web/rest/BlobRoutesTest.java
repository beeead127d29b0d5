package io.datawarehouse.web.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.testkit.kernel.DirectMessageBus;
import io.datawarehouse.web.http.Route;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlobRoutesTest {

  private final BlobRoutes routes =
      new BlobRoutes(new BlobResource(new Gateway(bus()), Clock.systemUTC()));

  @ParameterizedTest
  @CsvSource({"GET, READER", "HEAD, READER", "PUT, WRITER", "DELETE, WRITER"})
  void hasRoleAndRouteOfTheMethod(String method, Role role) {
    BlobRoutes.Direct direct = routes.find(method, "/api/v1/buckets/photos/blobs/a//b;c/");

    assertThat(direct).isNotNull();
    assertThat(direct.role()).isEqualTo(role);
    assertThat(direct.route()).isEqualTo(new Route("/buckets/{bucket}/blobs/{key}", method));
  }

  @ParameterizedTest
  @ValueSource(strings = {"OPTIONS", "POST", "PATCH", "TRACE", "get", "FOO"})
  void leavesOtherMethodsToJaxRs(String method) {
    assertThat(routes.find(method, "/api/v1/buckets/photos/blobs/a")).isNull();
  }

  @Test
  void leavesOtherPathsToJaxRs() {
    for (String path :
        new String[] {
          "/api/v1/buckets/photos/blobs",
          "/api/v1/buckets/photos/manifests/blobs/x",
          "/api/v1/buckets/photos",
          "/api/v1/buckets",
          "/api/v2/buckets/photos/blobs/a",
          "/blobs/a",
          "/"
        }) {
      assertThat(routes.find("GET", path)).as(path).isNull();
    }
  }

  private static DirectMessageBus bus() {
    return new DirectMessageBus();
  }
}
