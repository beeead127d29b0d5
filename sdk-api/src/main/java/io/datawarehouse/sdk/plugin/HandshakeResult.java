package io.datawarehouse.sdk.plugin;

import io.datawarehouse.sdk.capability.Provision;
import java.util.List;
import java.util.Objects;

/** A plugin's answer to the kernel's offer. */
public sealed interface HandshakeResult {

  /**
   * The plugin will run.
   *
   * @param provisions the objects behind the capabilities that its manifest provides
   */
  record Accepted(List<Provision<?>> provisions) implements HandshakeResult {
    /** Copies the list. */
    public Accepted {
      provisions = List.copyOf(provisions);
    }
  }

  /**
   * The plugin will not run in this kernel.
   *
   * @param reason why, in words
   */
  record Rejected(String reason) implements HandshakeResult {
    /** Checks that there is a reason. */
    public Rejected {
      Objects.requireNonNull(reason, "reason");
    }
  }
}
