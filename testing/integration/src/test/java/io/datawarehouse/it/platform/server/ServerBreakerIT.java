package io.datawarehouse.it.platform.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.it.platform.NodeClient;
import io.datawarehouse.it.platform.PayaraDomain;
import io.datawarehouse.it.platform.faulty.FaultyStoragePlugin;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;
import org.jboss.shrinkwrap.api.spec.JavaArchive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A MicroProfile breaker on a bean of the kernel opens on the real server. In an EAR the server may
 * leave these annotations without effect and say nothing, so this has to be seen.
 */
@ExtendWith(ArquillianExtension.class)
class ServerBreakerIT {

  private static final String BEANS_XML =
      "<beans xmlns=\"https://jakarta.ee/xml/ns/jakartaee\" version=\"4.0\""
          + " bean-discovery-mode=\"annotated\"/>";

  @Deployment(testable = false)
  static EnterpriseArchive applicationWithABrokenStore() {
    PayaraDomain.instance()
        .remote("create-system-properties", "dw.storage.provider=" + FaultyStoragePlugin.NAME);
    return Ears.built()
        .addAsLibrary(
            ShrinkWrap.create(JavaArchive.class, "faulty.jar")
                .addPackage(FaultyStoragePlugin.class.getPackage())
                .addAsManifestResource(new StringAsset(BEANS_XML), "beans.xml"));
  }

  @AfterAll
  static void selectTheUsualStoreAgain() {
    PayaraDomain.instance().remote("delete-system-property", "dw.storage.provider");
  }

  @Test
  void opensAfterTheProbeFailedOftenEnough() {
    NodeClient node = PayaraDomain.instance().client();

    HttpResponse<String> first = node.getOpenly("/health/ready");
    assertThat(first.statusCode()).isEqualTo(503);
    assertThat(first.body())
        .contains("storage probe failed: ")
        .contains(FaultyStoragePlugin.REASON)
        .doesNotContain("breaker");

    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              HttpResponse<String> ready = node.getOpenly("/health/ready");
              assertThat(ready.statusCode()).isEqualTo(503);
              assertThat(ready.body()).contains("storage circuit breaker is open");
            });
  }
}
