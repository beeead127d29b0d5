package io.datawarehouse.testkit.replication;

import io.datawarehouse.sdk.replication.ConflictResolver;

class LastWriterContractTest extends ConflictResolverContract {

  @Override
  protected ConflictResolver resolver() {
    return SampleResolvers.lastWriter();
  }
}
