package io.datawarehouse.kernel.cluster.infinispan;

import org.jgroups.Address;
import org.jgroups.stack.AddressGenerator;
import org.jspecify.annotations.Nullable;

/** Makes addresses that tell which run of which node they stand for. Immutable. */
record TaggedAddresses(NodeTag tag) implements AddressGenerator {

  @Override
  @Deprecated
  public Address generateAddress() {
    return generateAddress(tag.id().value());
  }

  @Override
  public Address generateAddress(@Nullable String name) {
    return tag.newAddress(name == null ? tag.id().value() : name);
  }
}
