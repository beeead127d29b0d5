package io.datawarehouse.kernel.plugin;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.capability.Provision;
import io.datawarehouse.sdk.kernel.KernelContext;
import io.datawarehouse.sdk.plugin.HandshakeResult;
import io.datawarehouse.sdk.plugin.KernelOffer;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.plugin.PluginManifest.Necessity;
import io.datawarehouse.sdk.plugin.SdkVersion;
import io.datawarehouse.sdk.plugin.WarehousePlugin;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A plugin that does what a test says, and writes down what is done to it. */
public final class ScriptedPlugin implements WarehousePlugin {

  /** Something that a plugin does when it starts. */
  @FunctionalInterface
  public interface OnStart {
    /** Does it. */
    void run(KernelContext context) throws Exception;
  }

  /** Something that a plugin does when it stops. */
  @FunctionalInterface
  public interface OnStop {
    /** Does it. */
    void run() throws Exception;
  }

  private PluginManifest manifest;
  private final List<Provision<?>> provisions = new ArrayList<>();
  private final List<String> journal;
  private Function<KernelOffer, HandshakeResult> answer =
      offer -> new HandshakeResult.Accepted(provisions);
  private OnStart onStart = context -> {};
  private OnStop onStop = () -> {};

  /** Makes an optional plugin that writes into a journal of its own. */
  public ScriptedPlugin(String id) {
    this(id, new CopyOnWriteArrayList<>());
  }

  /** Makes an optional plugin that writes into that journal. */
  public ScriptedPlugin(String id, List<String> journal) {
    this.manifest = PluginManifest.of(id, "The plugin " + id, "1.2.3", "test");
    this.journal = journal;
  }

  /** Makes the node depend on it. */
  public ScriptedPlugin required() {
    manifest = manifest.with(Necessity.REQUIRED);
    return this;
  }

  /** Gives it capabilities that must be there. */
  public ScriptedPlugin requires(String... capabilities) {
    manifest = manifest.requiring(names(capabilities));
    return this;
  }

  /** Gives it capabilities that should come first. */
  public ScriptedPlugin after(String... capabilities) {
    manifest = manifest.after(names(capabilities));
    return this;
  }

  /** Lets it be built against another SDK. */
  public ScriptedPlugin builtAgainst(SdkVersion sdk) {
    manifest = manifest.builtAgainst(sdk);
    return this;
  }

  /** Says in the manifest only that it provides something. */
  public ScriptedPlugin announces(String... capabilities) {
    manifest = manifest.providing(names(capabilities));
    return this;
  }

  /** Lets it provide something, in manifest and handshake. */
  public <T> ScriptedPlugin provides(CapabilityKey<T> key, String name, T instance) {
    Set<CapabilityName> all = new TreeSet<>(manifest.provides());
    all.add(key.name());
    manifest = manifest.providing(all);
    provisions.add(new Provision<>(key, name, instance));
    return this;
  }

  /** Sets its answer to the kernel's offer. */
  public ScriptedPlugin answers(Function<KernelOffer, HandshakeResult> newAnswer) {
    answer = newAnswer;
    return this;
  }

  /** Sets what it does when it starts. */
  public ScriptedPlugin onStart(OnStart action) {
    onStart = action;
    return this;
  }

  /** Sets what it does when it stops. */
  public ScriptedPlugin onStop(OnStop action) {
    onStop = action;
    return this;
  }

  /** Returns what was done to it, and to the others that share its journal. */
  public List<String> journal() {
    return List.copyOf(journal);
  }

  @Override
  public PluginManifest manifest() {
    return manifest;
  }

  @Override
  public HandshakeResult handshake(KernelOffer offer) {
    return answer.apply(offer);
  }

  @Override
  public void start(KernelContext context) throws Exception {
    journal.add("start " + manifest.id());
    onStart.run(context);
  }

  @Override
  public void stop() throws Exception {
    journal.add("stop " + manifest.id());
    onStop.run();
  }

  private static Set<CapabilityName> names(String... texts) {
    Set<CapabilityName> names = new TreeSet<>();
    for (String text : texts) {
      names.add(new CapabilityName(text));
    }
    return names;
  }
}
