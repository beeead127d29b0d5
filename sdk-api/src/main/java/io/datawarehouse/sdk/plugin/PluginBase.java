package io.datawarehouse.sdk.plugin;

import io.datawarehouse.sdk.capability.Provision;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The root of the plugin base classes: keeps the manifest and the context, so that a plugin says
 * only what it does. A subclass overrides {@link #onStart()} and {@link #onStop()}, and {@link
 * #provisions()} where its manifest provides something.
 */
public abstract class PluginBase implements WarehousePlugin {

  private final PluginManifest manifest;
  private volatile @Nullable KernelContext context;

  /** Makes a plugin with that manifest. */
  protected PluginBase(PluginManifest manifest) {
    this.manifest = manifest;
  }

  @Override
  public PluginManifest manifest() {
    return manifest;
  }

  @Override
  public HandshakeResult handshake(KernelOffer offer) {
    return new HandshakeResult.Accepted(provisions());
  }

  @Override
  public void start(KernelContext newContext) throws Exception {
    context = newContext;
    onStart();
  }

  @Override
  public void stop() throws Exception {
    onStop();
  }

  /** Returns the objects behind the capabilities that the manifest provides; none by default. */
  protected List<Provision<?>> provisions() {
    return List.of();
  }

  /** Starts the plugin's work; {@link #context()} is there. Does nothing by default. */
  protected void onStart() throws Exception {}

  /**
   * Ends the plugin's work and gives back what it holds, also after {@link #onStart()} failed half
   * way. Does nothing by default.
   */
  protected void onStop() throws Exception {}

  /** Returns the context; throws {@code UNAVAILABLE} before the plugin was started. */
  protected final KernelContext context() {
    KernelContext current = context;
    if (current == null) {
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE, "plugin " + manifest.id() + " has not been started");
    }
    return current;
  }
}
