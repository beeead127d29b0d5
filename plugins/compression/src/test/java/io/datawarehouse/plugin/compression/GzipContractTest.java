package io.datawarehouse.plugin.compression;

import io.datawarehouse.sdk.transform.ContentTransformer;
import io.datawarehouse.testkit.transform.ContentTransformerContract;

class GzipContractTest extends ContentTransformerContract {

  private final GzipTransformer transformer = new GzipTransformer();

  @Override
  protected ContentTransformer transformer() {
    return transformer;
  }
}
