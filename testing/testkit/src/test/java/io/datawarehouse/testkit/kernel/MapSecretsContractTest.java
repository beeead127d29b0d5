package io.datawarehouse.testkit.kernel;

import io.datawarehouse.sdk.security.SecretManager;
import io.datawarehouse.testkit.security.SecretManagerContract;

/** The fake is as strict as the real one. */
class MapSecretsContractTest extends SecretManagerContract {

  private final MapSecrets secrets = new MapSecrets();

  @Override
  protected SecretManager secrets() {
    return secrets;
  }

  @Override
  protected void plant(String name, String value) {
    secrets.put(name, value);
  }
}
