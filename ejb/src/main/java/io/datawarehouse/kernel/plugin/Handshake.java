package io.datawarehouse.kernel.plugin;

import io.datawarehouse.kernel.plugin.BoundedCalls.Outcome;
import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.capability.Cardinality;
import io.datawarehouse.sdk.capability.Provision;
import io.datawarehouse.sdk.plugin.HandshakeResult;
import io.datawarehouse.sdk.plugin.HandshakeResult.Accepted;
import io.datawarehouse.sdk.plugin.HandshakeResult.Rejected;
import io.datawarehouse.sdk.plugin.KernelOffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Asks a plugin whether it fits this kernel, and checks what it answers. Thread-safe. */
final class Handshake {

  /** The kernel registers on the bus and writes to disk under this name. */
  private static final String KERNEL = "kernel";

  private final KernelOffer offer;
  private final BoundedCalls calls;
  private final Duration limit;

  Handshake(KernelOffer offer, BoundedCalls calls, Duration limit) {
    this.offer = offer;
    this.calls = calls;
    this.limit = limit;
  }

  /** Returns why the plugin does not fit; empty if it does, and its record has its provisions. */
  Optional<String> refusal(PluginRecord plugin) {
    if (plugin.id().value().equals(KERNEL)) {
      return Optional.of("the id '" + KERNEL + "' is the kernel's own");
    }
    if (!offer.sdk().canRun(plugin.manifest.sdk())) {
      return Optional.of(
          "it was built against sdk-api %s, this kernel has %s"
              .formatted(plugin.manifest.sdk(), offer.sdk()));
    }
    Outcome<HandshakeResult> outcome =
        calls.call("dw-handshake-" + plugin.id(), limit, () -> plugin.plugin.handshake(offer));
    if (!(outcome instanceof Outcome.Returned<HandshakeResult> returned)) {
      return Outcome.problem(outcome, limit).map(problem -> "its handshake failed: " + problem);
    }
    if (returned.value() instanceof Rejected rejected) {
      return Optional.of("it refused this kernel: " + rejected.reason());
    }
    if (returned.value() instanceof Accepted accepted) {
      return checkProvisions(plugin, accepted.provisions());
    }
    return Optional.of("its handshake gave no answer");
  }

  private static Optional<String> checkProvisions(
      PluginRecord plugin, List<Provision<?>> provisions) {
    Map<CapabilityName, Provision<?>> first = new TreeMap<>();
    Set<String> names = new HashSet<>();
    for (Provision<?> provision : provisions) {
      CapabilityName capability = provision.key().name();
      Provision<?> before = first.putIfAbsent(capability, provision);
      if (!names.add(capability + "/" + provision.name())
          || before != null && !mayBeOfferedAgain(before.key(), provision.key())) {
        return Optional.of("its handshake offers capability '" + capability + "' twice");
      }
    }
    Set<CapabilityName> offered = first.keySet();
    Set<CapabilityName> announced = new TreeSet<>(plugin.manifest.provides());
    if (!offered.equals(announced)) {
      return Optional.of(
          "its manifest provides %s, but its handshake offers %s".formatted(announced, offered));
    }
    plugin.offer(provisions);
    return Optional.empty();
  }

  /** One plugin may provide several of what any number may provide, each under its own name. */
  private static boolean mayBeOfferedAgain(CapabilityKey<?> before, CapabilityKey<?> again) {
    return before.equals(again) && again.cardinality() == Cardinality.MULTI;
  }
}
