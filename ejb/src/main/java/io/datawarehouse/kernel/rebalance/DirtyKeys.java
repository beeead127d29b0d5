package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.sdk.blob.BlobKey;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Keys that were changed since they were sent, each once; bounded: where there are too many it
 * forgets them and says that everything must be compared again. Thread-safe.
 */
final class DirtyKeys {

  private final int most;

  // Guarded by this, as the next one.
  private final Set<BlobKey> keys = new LinkedHashSet<>();

  private boolean overflowed;

  DirtyKeys(int most) {
    this.most = most;
  }

  synchronized void add(BlobKey key) {
    if (!overflowed && keys.add(key) && keys.size() > most) {
      keys.clear();
      overflowed = true;
    }
  }

  /** Takes some keys out: whoever takes them looks at them after this call. */
  synchronized List<BlobKey> take(int count) {
    List<BlobKey> taken = new ArrayList<>();
    for (Iterator<BlobKey> all = keys.iterator(); all.hasNext() && taken.size() < count; ) {
      taken.add(all.next());
      all.remove();
    }
    return taken;
  }

  synchronized int size() {
    return keys.size();
  }

  synchronized boolean overflowed() {
    return overflowed;
  }

  /** Begins anew: what was changed before is about to be compared. */
  synchronized void clear() {
    keys.clear();
    overflowed = false;
  }
}
