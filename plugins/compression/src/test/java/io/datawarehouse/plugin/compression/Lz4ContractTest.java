package io.datawarehouse.plugin.compression;

import io.datawarehouse.sdk.transform.ContentTransformer;
import io.datawarehouse.testkit.transform.ContentTransformerContract;

class Lz4ContractTest extends ContentTransformerContract {

  private final Lz4Transformer transformer = new Lz4Transformer();

  @Override
  protected ContentTransformer transformer() {
    return transformer;
  }
}
