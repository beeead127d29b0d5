package io.datawarehouse.kernel.federation;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.TreeSet;

/**
 * Which durable events of one sender were taken here: all below a floor that the sender has set,
 * and a few above it. On disk before they are acknowledged, so that none is handled twice because
 * an acknowledgement was lost. Confined to one thread at a time.
 */
final class SeenEvents {

  /**
   * More than a sender keeps at a time, so that the oldest can be forgotten. There are many only
   * where one event is not taken for long while others pass it by: it holds the floor still.
   */
  static final int MOST = 16_384;

  private static final String KEY = "seen.";

  private final KernelStorage storage;
  private final String key;
  private final TreeSet<Long> above = new TreeSet<>();
  private long floor;

  /** Reads what an earlier run has left. */
  SeenEvents(KernelStorage storage, NodeId sender) {
    this.storage = storage;
    this.key = KEY + sender;
    storage
        .get(key)
        .ifPresent(
            bytes -> {
              ByteBuffer stored = bytes.asByteBuffer();
              floor = stored.getLong();
              while (stored.hasRemaining()) {
                above.add(stored.getLong());
              }
            });
  }

  boolean has(long number) {
    return number < floor || above.contains(number);
  }

  /** Raises the floor; written with the next that is added. */
  void raise(long newFloor) {
    if (newFloor > floor) {
      floor = newFloor;
      above.headSet(newFloor).clear();
    }
  }

  /** Adds numbers; they are on disk when this returns. */
  void add(Collection<Long> numbers) {
    above.addAll(numbers);
    above.headSet(floor).clear();
    while (above.size() > MOST) {
      above.pollFirst();
    }
    ByteBuffer stored = ByteBuffer.allocate(Long.BYTES * (1 + above.size()));
    stored.putLong(floor);
    above.forEach(stored::putLong);
    storage.put(key, Bytes.copyOf(stored.array()));
  }
}
