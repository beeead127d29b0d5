package io.datawarehouse.kernel.placement;

import io.datawarehouse.sdk.blob.BlobKey;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Knows which changes of keys are under way on this node, tells of those that are done, and holds
 * back those of keys that are just moving to another node. Thread-safe.
 *
 * <p>Each change is counted before the gate is looked at, and is told of before it is counted out:
 * who shuts the gate and then sees nobody inside has heard of all changes there were.
 */
public final class KeyGate {

  /** A change under way. Compared by identity. */
  private final class Inside implements Territory.Passage {
    private final BlobKey key;
    private final long since;
    private volatile boolean brokenOff;

    Inside(BlobKey key, long since) {
      this.key = key;
      this.since = since;
    }

    @Override
    public boolean brokenOff() {
      return brokenOff;
    }

    @Override
    public void close() {
      listener.accept(key);
      leave(this);
    }
  }

  /** Keys that are held back. */
  private record Shut(Predicate<BlobKey> keys, boolean asking) {}

  private final LongSupplier ticker;
  private final Set<Inside> inside = ConcurrentHashMap.newKeySet();
  private final Object quiet = new Object();
  private volatile @Nullable Shut shut;
  private volatile Consumer<BlobKey> listener = key -> {};
  private volatile Runnable opening = () -> {};

  /** Makes a gate that is open. */
  public KeyGate(LongSupplier ticker) {
    this.ticker = ticker;
  }

  /** Tells somebody of every change that has been tried from now on, before it ends. */
  public void listen(Consumer<BlobKey> newListener) {
    listener = newListener;
  }

  /** Tells somebody whenever the gate opens. */
  public void whenOpening(Runnable newOpening) {
    opening = newOpening;
  }

  /**
   * Lets a change in.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code OWNER_UNAVAILABLE} to be tried
   *     again, while the key is moving
   */
  public Territory.Passage enter(BlobKey key) {
    Inside change = new Inside(key, ticker.getAsLong());
    inside.add(change);
    boolean held = true;
    try {
      Shut now = shut;
      held = now != null && now.keys.test(key);
    } finally {
      if (held) {
        leave(change);
      }
    }
    if (held) {
      throw Refusals.waiting("'" + key + "' is just moving to another node");
    }
    return change;
  }

  private void leave(Inside change) {
    inside.remove(change);
    if (shut != null) {
      synchronized (quiet) {
        quiet.notifyAll();
      }
    }
  }

  /**
   * Lets a read in.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code OWNER_UNAVAILABLE} to be asked
   *     about, while the key may have moved already
   */
  public void read(BlobKey key) {
    Shut now = shut;
    if (now != null && now.asking && now.keys.test(key)) {
      throw Refusals.unsure("whether '" + key + "' has moved to another node is not known");
    }
  }

  /** Returns whether reads of some keys must ask first whether these are still here. */
  public boolean asking() {
    Shut now = shut;
    return now != null && now.asking;
  }

  /** Returns for how long the eldest change of such keys has been under way; 0 for none. */
  public long eldestNanos(Predicate<BlobKey> keys) {
    long now = ticker.getAsLong();
    return inside.stream()
        .filter(change -> keys.test(change.key))
        .mapToLong(change -> now - change.since)
        .max()
        .orElse(0);
  }

  /** Returns the keys, of those, of which a change has been under way for longer than that. */
  public Set<BlobKey> underWay(Predicate<BlobKey> keys, long nanos) {
    long now = ticker.getAsLong();
    return inside.stream()
        .filter(change -> now - change.since > nanos && keys.test(change.key))
        .map(change -> change.key)
        .collect(Collectors.toSet());
  }

  /**
   * Tells changes of such keys that are inside to end without changing anything. What commits all
   * the same is told of like any other.
   */
  public void breakOff(Predicate<BlobKey> keys) {
    inside.stream().filter(change -> keys.test(change.key)).forEach(each -> each.brokenOff = true);
  }

  /** Holds back changes of such keys from now on; those that are inside go on. */
  public void shut(Predicate<BlobKey> keys) {
    shut = new Shut(keys, false);
  }

  /** Has reads of such keys ask from now on, too, because somebody else may own them. */
  public void shutAsking(Predicate<BlobKey> keys) {
    shut = new Shut(keys, true);
  }

  /**
   * Waits until no change of such keys is inside.
   *
   * @return whether that came about in time
   */
  public boolean awaitQuiet(Predicate<BlobKey> keys, long limitNanos) throws InterruptedException {
    long end = System.nanoTime() + limitNanos;
    synchronized (quiet) {
      while (inside.stream().anyMatch(change -> keys.test(change.key))) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return false;
        }
        quiet.wait(Math.min(left, 100));
      }
    }
    return true;
  }

  /** Opens the gate again. */
  public void open() {
    shut = null;
    opening.run();
  }
}
