package io.datawarehouse.sdk.plugin;

import io.datawarehouse.sdk.kernel.KernelContext;

/**
 * The contract between the kernel and a plugin. Implemented by a CDI bean with the stereotype
 * {@link Plugin}; most plugins extend {@link PluginBase}.
 *
 * <p>The kernel calls, from one thread at a time: {@link #manifest()} any number of times, {@link
 * #handshake} once, {@link #start} at most once, {@link #stop()} exactly once if {@code start} was
 * entered, even if that threw; and nothing after {@code stop} has returned. A plugin MUST: (1) have
 * no effect outside of itself before {@code start}; (2) start no threads but through its context;
 * (3) reach other plugins only over the bus.
 */
public interface WarehousePlugin {

  /** Returns what the plugin says of itself; always equal. */
  PluginManifest manifest();

  /** Answers the kernel's offer, without any effect. */
  HandshakeResult handshake(KernelOffer offer);

  /**
   * Starts the plugin. When this returns, it works. The kernel bounds the time ({@code
   * dw.plugins.start.timeout}) and interrupts the thread when it is over.
   *
   * @throws Exception the plugin becomes FAILED
   */
  void start(KernelContext context) throws Exception;

  /**
   * Stops the plugin and gives back all it holds. Its handlers are off the bus and drained already.
   * The kernel bounds the time ({@code dw.plugins.stop.timeout}).
   *
   * @throws Exception is logged; stopping goes on with the next plugin
   */
  void stop() throws Exception;
}
