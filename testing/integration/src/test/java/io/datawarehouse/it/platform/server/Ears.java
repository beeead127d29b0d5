package io.datawarehouse.it.platform.server;

import io.datawarehouse.it.platform.Places;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.importer.ZipImporter;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;

/** The EAR as it is built. */
final class Ears {

  private Ears() {}

  static EnterpriseArchive built() {
    return ShrinkWrap.create(ZipImporter.class, "datawarehouse.ear")
        .importFrom(Places.ear().toFile())
        .as(EnterpriseArchive.class);
  }
}
