package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.kernel.trust.TlsMaterial;
import java.util.Objects;

/** How the connections between nodes are protected. Immutable. */
public sealed interface TransportSecurity {

  /**
   * TLS 1.3, both sides show a certificate.
   *
   * @param material certificates and who judges them
   */
  record MutualTls(TlsMaterial material) implements TransportSecurity {
    /** Checks that nothing is missing. */
    public MutualTls {
      Objects.requireNonNull(material, "material");
    }
  }

  /**
   * Plain text, asked for by name: joining still needs the join token, but whoever is on the
   * network reads along and can interfere.
   */
  record Plain() implements TransportSecurity {}
}
