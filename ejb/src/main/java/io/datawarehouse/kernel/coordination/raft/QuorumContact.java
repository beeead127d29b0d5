package io.datawarehouse.kernel.coordination.raft;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * When a leader last knew that it leads: the time of the latest sign of life that a majority of the
 * voters answered. Confined to one thread at a time.
 */
final class QuorumContact {

  private static final int REMEMBERED = 64;

  private final NavigableMap<Long, Long> sent = new TreeMap<>();
  private final Map<String, Long> answered = new HashMap<>();
  private long began;
  private long number;

  /** Begins a time of leading; being elected is a contact. */
  void begin(long now) {
    began = now;
    sent.clear();
    answered.clear();
  }

  /** Returns the number of the sign of life that is sent now. */
  long send(long now) {
    number++;
    sent.put(number, now);
    if (sent.size() > REMEMBERED) {
      sent.pollFirstEntry();
    }
    return number;
  }

  void answer(String node, long answeredNumber) {
    Long at = sent.get(answeredNumber);
    if (at != null) {
      answered.merge(node, at, (one, other) -> one - other > 0 ? one : other);
    }
  }

  /** Returns when that was. */
  long reached(Collection<String> voters, String self, long now) {
    List<Long> times = new ArrayList<>();
    for (String voter : voters) {
      times.add(voter.equals(self) ? now : answered.getOrDefault(voter, began));
    }
    if (times.isEmpty()) {
      return began;
    }
    // Times wrap around: they are compared by how long ago they are.
    times.sort(Comparator.comparingLong(time -> now - time));
    return times.get(times.size() / 2);
  }
}
