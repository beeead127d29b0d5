package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.sdk.cluster.Watch;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Who is told of changes. Who is to be told of one is settled when it is applied; it is told later,
 * from one thread. Thread-safe.
 */
final class RegistryWatchers<T> {

  private static final System.Logger LOG = System.getLogger(RegistryWatchers.class.getName());

  private final Map<String, List<Entry<T>>> watchers = new ConcurrentHashMap<>();

  /** One listener; told apart by identity, so that one can be put up twice. */
  private static final class Entry<T> {
    final Consumer<T> listener;
    volatile boolean closed;

    Entry(Consumer<T> listener) {
      this.listener = listener;
    }
  }

  Watch watch(String name, Consumer<T> listener) {
    Entry<T> entry = new Entry<>(listener);
    watchers.computeIfAbsent(name, key -> new CopyOnWriteArrayList<>()).add(entry);
    return () -> {
      entry.closed = true;
      watchers.getOrDefault(name, List.of()).remove(entry);
    };
  }

  /** Returns what tells those of it who watch now. */
  Runnable telling(String name, T news) {
    List<Entry<T>> told = List.copyOf(watchers.getOrDefault(name, List.of()));
    return () -> told.forEach(entry -> tell(entry, news));
  }

  private static <T> void tell(Entry<T> entry, T news) {
    if (entry.closed) {
      return;
    }
    try {
      entry.listener.accept(news);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "a listener failed; the others are told", e);
    }
  }
}
