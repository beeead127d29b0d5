package io.datawarehouse.plugin.compression;

import io.datawarehouse.sdk.transform.ContentTransformer;
import io.datawarehouse.testkit.transform.ContentTransformerContract;

class ZstdContractTest extends ContentTransformerContract {

  private final ZstdTransformer transformer = new ZstdTransformer();

  @Override
  protected ContentTransformer transformer() {
    return transformer;
  }
}
