package io.datawarehouse.web.gate;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a listener of the server finds the gate, as long as the application takes requests, and why
 * it takes none before and after. Thread-safe.
 */
@ApplicationScoped
public class ListenerGate {

  private final AtomicReference<State> state =
      new AtomicReference<>(new State(Optional.of("the node is starting"), null));

  /**
   * How it is.
   *
   * @param closed why no requests are taken, in words; empty where they are
   * @param gate where requests for blobs go; null where they go through the servlet container
   */
  private record State(Optional<String> closed, @Nullable Gate gate) {}

  /**
   * Returns what gives the gate, or null while requests must go through the servlet container. It
   * may be asked when this bean is gone.
   */
  public Supplier<@Nullable Gate> finder() {
    return () -> state.get().gate;
  }

  /** Returns what tells why no requests are taken; it may be asked when this bean is gone. */
  public Supplier<Optional<String>> closed() {
    return () -> state.get().closed;
  }

  void open(@Nullable Gate opened) {
    state.set(new State(Optional.empty(), opened));
  }

  void close() {
    state.set(new State(Optional.of("the node is stopping and takes no new requests"), null));
  }
}
