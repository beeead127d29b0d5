package io.datawarehouse.kernel.plugin;

import io.datawarehouse.kernel.capability.RunningCapabilities;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.plugin.PluginLifecycle.Limits;
import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.capability.Cardinality;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.kernel.KernelContext;
import io.datawarehouse.sdk.kernel.OperatingMode;
import io.datawarehouse.sdk.plugin.KernelOffer;
import io.datawarehouse.sdk.plugin.PluginId;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.plugin.SdkVersion;
import io.datawarehouse.sdk.plugin.WarehousePlugin;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** A life cycle of scripted plugins, in an environment that only writes down what it is asked. */
final class LifecycleFixture implements PluginEnvironment {

  /** What the plugins of these tests provide. */
  interface Service {}

  record Named(String name) implements Service {}

  static final Limits AMPLE =
      new Limits(Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(30));
  static final SdkVersion SDK = new SdkVersion(3, 4);

  final List<String> journal = new CopyOnWriteArrayList<>();
  final RunningCapabilities capabilities = new RunningCapabilities();
  final Map<String, String> settings = new HashMap<>();
  final Set<CapabilityName> neededByKernel = new HashSet<>();
  Limits limits = AMPLE;

  static CapabilityKey<Service> key(String name, Cardinality cardinality) {
    return CapabilityKey.of(name, Service.class, cardinality);
  }

  /** An optional plugin for the SDK of this kernel. */
  ScriptedPlugin plugin(String id) {
    return new ScriptedPlugin(id, journal).builtAgainst(SDK);
  }

  /** A plugin that provides a capability of which there may be many. */
  ScriptedPlugin provider(String id, String capability) {
    return plugin(id).provides(key(capability, Cardinality.MULTI), id, new Named(id));
  }

  /** A plugin that is one of several ways to provide a capability. */
  ScriptedPlugin strategy(String id, String capability, String name) {
    return plugin(id).provides(key(capability, Cardinality.SELECTED), name, new Named(id));
  }

  PluginLifecycle lifecycle(WarehousePlugin... plugins) {
    return new PluginLifecycle(
        new PluginLifecycle.Options(
            new KernelOffer(SDK, new NodeId("node-test"), OperatingMode.STANDALONE),
            new ProviderSelection(KernelConfig.of(settings)),
            neededByKernel,
            limits,
            Thread::new),
        capabilities,
        List.of(plugins));
  }

  /** Negotiates, which must go well, and starts. */
  PluginLifecycle started(WarehousePlugin... plugins) {
    PluginLifecycle lifecycle = lifecycle(plugins);
    List<String> problems = lifecycle.negotiate();
    if (!problems.isEmpty()) {
      throw new AssertionError("negotiation failed: " + problems);
    }
    lifecycle.start(this, id -> journal.add("running " + id));
    return lifecycle;
  }

  static PluginStatus status(PluginLifecycle lifecycle, String id) {
    return lifecycle.plugins().stream()
        .filter(status -> status.id().value().equals(id))
        .findFirst()
        .orElseThrow();
  }

  static String reason(PluginLifecycle lifecycle, String id) {
    return status(lifecycle, id).reason().orElse("");
  }

  @Override
  public KernelContext open(PluginManifest manifest) {
    return new FakeKernelContext(manifest.id().value(), Path.of("unused"), Map.of());
  }

  @Override
  public void quiesce(PluginId plugin) {
    journal.add("quiesce " + plugin);
  }

  @Override
  public void close(PluginId plugin) {
    journal.add("close " + plugin);
  }
}
