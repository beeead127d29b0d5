package io.datawarehouse.it.platform.server;

import io.datawarehouse.it.platform.NodeClient;
import io.datawarehouse.it.platform.PayaraDomain;
import io.datawarehouse.it.platform.PlatformContract;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;
import org.junit.jupiter.api.extension.ExtendWith;

/** The EAR as it is built. */
@ExtendWith(ArquillianExtension.class)
class ServerEarIT extends PlatformContract {

  @Deployment(testable = false)
  static EnterpriseArchive application() {
    return Ears.built();
  }

  @Override
  protected NodeClient node() {
    return PayaraDomain.instance().client();
  }
}
