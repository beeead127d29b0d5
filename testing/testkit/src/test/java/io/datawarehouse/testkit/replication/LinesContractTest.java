package io.datawarehouse.testkit.replication;

import io.datawarehouse.sdk.replication.ConflictResolver;

class LinesContractTest extends ConflictResolverContract {

  @Override
  protected ConflictResolver resolver() {
    return SampleResolvers.lines();
  }
}
