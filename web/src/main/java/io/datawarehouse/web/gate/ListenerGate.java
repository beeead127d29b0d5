package io.datawarehouse.web.gate;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a listener of the server finds the gate, as long as the application takes requests.
 * Thread-safe.
 */
@ApplicationScoped
public class ListenerGate {

  private final AtomicReference<@Nullable Gate> gate = new AtomicReference<>();

  /**
   * Returns what gives the gate, or null while requests must go through the servlet container. It
   * may be asked when this bean is gone.
   */
  public Supplier<@Nullable Gate> finder() {
    return gate::get;
  }

  void open(Gate opened) {
    gate.set(opened);
  }

  void close() {
    gate.set(null);
  }
}
