package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.security.KeyProvider;
import io.datawarehouse.testkit.security.KeyProviderContract;

class SampleKeyServiceContractTest extends KeyProviderContract {

  private final SampleKeyService.Vault vault = new SampleKeyService.Vault();
  private final SampleKeyService provider = new SampleKeyService(vault);

  @Override
  protected KeyProvider provider() {
    return provider;
  }

  @Override
  protected KeyProvider reopened() {
    return new SampleKeyService(vault);
  }
}
