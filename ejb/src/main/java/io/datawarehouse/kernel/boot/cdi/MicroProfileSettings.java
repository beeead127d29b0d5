package io.datawarehouse.kernel.boot.cdi;

import io.datawarehouse.kernel.config.KernelConfig;
import org.eclipse.microprofile.config.Config;

/** The kernel's configuration out of MicroProfile Config. */
final class MicroProfileSettings {

  private MicroProfileSettings() {}

  static KernelConfig of(Config config) {
    return new KernelConfig(
        name -> config.getOptionalValue(name, String.class), config::getPropertyNames);
  }
}
