package io.datawarehouse.kernel.coordination.raft;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who has a vote, by what the log says up to its end, agreed on or not: a change of the voters
 * counts from where it is written, as Raft has it. Thread-safe.
 */
final class Voters {

  // Guarded by this: who votes from that place in the log on; never empty.
  private final NavigableMap<Long, TreeSet<String>> history =
      new TreeMap<>(Map.of(0L, new TreeSet<>()));

  /** Begins anew with those, at that place. */
  synchronized void begin(long index, Collection<String> voters) {
    history.clear();
    history.put(index, new TreeSet<>(voters));
  }

  synchronized void add(long index, String voter) {
    TreeSet<String> changed = new TreeSet<>(history.lastEntry().getValue());
    changed.add(voter);
    history.put(index, changed);
  }

  synchronized void remove(long index, String voter) {
    TreeSet<String> changed = new TreeSet<>(history.lastEntry().getValue());
    changed.remove(voter);
    history.put(index, changed);
  }

  /** Forgets the changes from that place on. */
  synchronized void cut(long index) {
    if (history.firstKey() < index) {
      history.tailMap(index, true).clear();
    }
  }

  /** Forgets what was before that place. */
  synchronized void forget(long index) {
    Map.Entry<Long, TreeSet<String>> standing = history.floorEntry(index);
    if (standing != null) {
      history.headMap(standing.getKey(), false).clear();
    }
  }

  /** Returns those with a vote, sorted; a copy. */
  synchronized List<String> latest() {
    return List.copyOf(history.lastEntry().getValue());
  }

  synchronized int majority() {
    return history.lastEntry().getValue().size() / 2 + 1;
  }

  /** Returns whether there is a change behind that place. */
  synchronized boolean changesAfter(long index) {
    return history.lastKey() > index;
  }

  /** Returns whether a change at that place is known already, or is before what is remembered. */
  synchronized boolean knows(long index) {
    return index <= history.firstKey() || history.containsKey(index);
  }
}
