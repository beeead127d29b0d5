package io.datawarehouse.plugin.encryption;

import io.datawarehouse.sdk.transform.ContentTransformer;
import io.datawarehouse.testkit.transform.ContentTransformerContract;

class ChaCha20ContractTest extends ContentTransformerContract {

  private final ContentTransformer transformer =
      new StreamTransformer(AeadCipher.CHACHA20_POLY1305);

  @Override
  protected ContentTransformer transformer() {
    return transformer;
  }
}
