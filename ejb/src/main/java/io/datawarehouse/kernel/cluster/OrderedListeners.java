package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.cluster.Watch;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Tells listeners of news in the order in which they were added, one at a time, without a lock:
 * whoever adds news while another thread tells leaves its own to that thread. Thread-safe.
 */
public final class OrderedListeners<T> {

  private static final System.Logger LOG = System.getLogger(OrderedListeners.class.getName());

  private final List<Entry<T>> listeners = new CopyOnWriteArrayList<>();
  private final Queue<T> news = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();

  /** Told apart by identity, so that one listener can be put up twice. */
  private static final class Entry<T> {
    final Consumer<T> listener;

    Entry(Consumer<T> listener) {
      this.listener = listener;
    }
  }

  /** Puts up a listener, which hears what is told from now on. */
  public Watch watch(Consumer<T> listener) {
    Entry<T> entry = new Entry<>(listener);
    listeners.add(entry);
    return () -> listeners.remove(entry);
  }

  /** Queues news; called where their order is decided, also under a lock. */
  public void add(T item) {
    news.add(item);
  }

  /** Tells what is queued; called without a lock. */
  public void tell() {
    int missed = waiting.incrementAndGet() == 1 ? 1 : 0;
    while (missed != 0) {
      for (T item = news.poll(); item != null; item = news.poll()) {
        tellAll(item);
      }
      missed = waiting.addAndGet(-missed);
    }
  }

  private void tellAll(T item) {
    for (Entry<T> entry : listeners) {
      try {
        entry.listener.accept(item);
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "a listener failed; the others are told", e);
      }
    }
  }
}
