package io.datawarehouse.plugin.encryption;

import io.datawarehouse.sdk.transform.ContentTransformer;
import io.datawarehouse.testkit.transform.ContentTransformerContract;

class AesGcmContractTest extends ContentTransformerContract {

  private final ContentTransformer transformer = new StreamTransformer(AeadCipher.AES_GCM);

  @Override
  protected ContentTransformer transformer() {
    return transformer;
  }
}
