package io.datawarehouse.kernel.balance;

import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** What the operators of a node that is alone set, in a durable map. Thread-safe. */
public final class KeptOrders implements OperatorOrders {

  private static final String KEY = "load-balancing";

  private final KernelStorage storage;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile StandingOrders standing;

  /** Takes over what was kept. */
  public KeptOrders(KernelStorage storage) {
    this.storage = storage;
    this.standing =
        storage
            .get(KEY)
            .map(kept -> OrderForm.read(new String(kept.toArray(), StandardCharsets.UTF_8)))
            .orElse(StandingOrders.NONE);
  }

  @Override
  public StandingOrders standing() {
    return standing;
  }

  @Override
  public void change(UnaryOperator<StandingOrders> change) {
    synchronized (this) {
      StandingOrders next = change.apply(standing);
      storage.put(KEY, Bytes.copyOf(OrderForm.write(next).getBytes(StandardCharsets.UTF_8)));
      standing = next;
    }
    listeners.forEach(Runnable::run);
  }

  @Override
  public Watch watch(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
