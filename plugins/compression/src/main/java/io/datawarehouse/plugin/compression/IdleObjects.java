package io.datawarehouse.plugin.compression;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps costly objects for the next user, up to a limit; those beyond it are ended. Thread-safe.
 *
 * @param <T> the objects
 */
final class IdleObjects<T> {

  private static final int MOST = 16;

  private final Supplier<T> make;
  private final Consumer<T> end;
  private final BlockingQueue<T> idle = new ArrayBlockingQueue<>(MOST);

  IdleObjects(Supplier<T> make, Consumer<T> end) {
    this.make = make;
    this.end = end;
  }

  T take() {
    @Nullable T kept = idle.poll();
    return kept == null ? make.get() : kept;
  }

  void giveBack(T object) {
    if (!idle.offer(object)) {
      end.accept(object);
    }
  }

  void forgetAll() {
    for (T object = idle.poll(); object != null; object = idle.poll()) {
      end.accept(object);
    }
  }
}
