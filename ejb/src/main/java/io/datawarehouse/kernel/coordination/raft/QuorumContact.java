package io.datawarehouse.kernel.coordination.raft;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * When a leader last knew that it leads: the time of the latest sign of life that a majority of the
 * voters answered. Confined to one thread at a time.
 */
final class QuorumContact {

  private final SentSigns sent = new SentSigns();
  private final Map<String, Long> answered = new HashMap<>();
  private long began;

  /** Begins a time of leading; being elected is a contact. */
  void begin(long now) {
    began = now;
    sent.forget();
    answered.clear();
  }

  /** Returns the number of the sign of life that is sent now. */
  long send(long now) {
    return sent.send(now);
  }

  void answer(String node, long answeredNumber) {
    sent.sentAt(answeredNumber)
        .ifPresent(at -> answered.merge(node, at, (one, other) -> one - other > 0 ? one : other));
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
