package io.datawarehouse.kernel.coordination.raft;

import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * When signs that others answer were sent. An answer counts as of then, by the clock of who asked:
 * whenever it arrives, it says nothing of a later time. Confined to one thread at a time.
 */
final class SentSigns {

  private static final int REMEMBERED = 64;

  private final NavigableMap<Long, Long> sent = new TreeMap<>();
  private long number;

  /** Returns the number of the sign that is sent now. */
  long send(long now) {
    number++;
    sent.put(number, now);
    if (sent.size() > REMEMBERED) {
      sent.pollFirstEntry();
    }
    return number;
  }

  /** Returns when the one of that number was sent; empty if that is long ago, or forgotten. */
  OptionalLong sentAt(long answered) {
    Long at = sent.get(answered);
    return at == null ? OptionalLong.empty() : OptionalLong.of(at);
  }

  /** Takes no answer any more to what was sent until now. */
  void forget() {
    sent.clear();
  }
}
