package io.datawarehouse.it.platform.micro;

import io.datawarehouse.it.platform.NodeClient;
import io.datawarehouse.it.platform.Places;
import io.datawarehouse.it.platform.PlatformContract;
import java.net.URI;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The runnable jar as it is built. Arquillian must deploy something, so it puts an empty web
 * application beside the one that the jar holds.
 */
@ExtendWith(ArquillianExtension.class)
class MicroBundleIT extends PlatformContract {

  @Deployment(testable = false)
  static WebArchive beside() {
    return ShrinkWrap.create(WebArchive.class, "beside.war")
        .addAsWebResource(new StringAsset("beside"), "index.txt");
  }

  @Override
  protected NodeClient node() {
    return new NodeClient(
        URI.create("http://127.0.0.1:18110"), Places.work("micro").resolve("data"));
  }
}
