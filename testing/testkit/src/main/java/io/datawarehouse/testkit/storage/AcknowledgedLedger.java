package io.datawarehouse.testkit.storage;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Remembers what was asked of a store and what it acknowledged, and says after a crash whether what
 * is there can be right. Any number of writers may change the same key at the same time.
 *
 * <p>A version may stand under a key unless a later one was acknowledged: one that was asked for
 * only after the first had been acknowledged. So the last acknowledged version counts as right, and
 * so does every version that was under way at that time or that was never answered. A writer calls
 * {@link #attempt} before it sends a change, and {@link #acknowledge} after the answer came.
 *
 * <p>Thread-safe.
 */
public final class AcknowledgedLedger {

  /** The version of a key under which nothing is: never written, or deleted. */
  public static final String ABSENT = "absent";

  private static final long NEVER = Long.MAX_VALUE;

  private static final class Attempt {
    private final String version;
    private final long asked;
    private long answered = NEVER;

    Attempt(String version, long asked) {
      this.version = version;
      this.asked = asked;
    }
  }

  private final Map<String, Map<Long, Attempt>> attempts = new HashMap<>();
  private long moments;
  private long acknowledged;

  /**
   * Notes that a change is about to be sent.
   *
   * @param id the attempt's own number
   * @param key what is changed
   * @param version what will be there, usually a digest; {@link #ABSENT} for a deletion
   */
  public synchronized void attempt(long id, String key, String version) {
    attemptsAt(key).put(id, new Attempt(version, ++moments));
  }

  /** Notes that a change was acknowledged. */
  public synchronized void acknowledge(long id, String key) {
    Attempt attempt = attemptsAt(key).get(id);
    if (attempt == null) {
      throw new IllegalArgumentException("nobody attempted change " + id + " of " + key);
    }
    attempt.answered = ++moments;
    acknowledged++;
    attemptsAt(key).values().removeIf(older -> older.answered < attempt.asked);
  }

  /** Notes that a change was refused: it did not happen. */
  public synchronized void refuse(long id, String key) {
    attemptsAt(key).remove(id);
  }

  /** Returns how many changes were acknowledged. */
  public synchronized long acknowledged() {
    return acknowledged;
  }

  /** Returns the versions that may stand under a key. */
  public synchronized TreeSet<String> allowed(String key) {
    return attemptsAt(key).values().stream()
        .map(attempt -> attempt.version)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * Compares with what is there, and takes that as the beginning of the next round.
   *
   * @param found the versions by key, without keys under which nothing is
   * @return what cannot be right, in words; nothing if all can
   */
  public synchronized List<String> settle(Map<String, String> found) {
    List<String> problems = new ArrayList<>();
    for (String key : union(attempts.keySet(), found.keySet())) {
      String version = found.getOrDefault(key, ABSENT);
      if (!allowed(key).contains(version)) {
        problems.add(key + " is " + version + ", but must be one of " + allowed(key));
      }
      attempts.remove(key);
      Attempt settled = new Attempt(version, ++moments);
      settled.answered = ++moments;
      attemptsAt(key).put(-1L, settled);
    }
    return problems;
  }

  private static TreeSet<String> union(Iterable<String> first, Iterable<String> second) {
    TreeSet<String> union = new TreeSet<>();
    first.forEach(union::add);
    second.forEach(union::add);
    return union;
  }

  private Map<Long, Attempt> attemptsAt(String key) {
    return attempts.computeIfAbsent(
        key,
        name -> {
          Attempt none = new Attempt(ABSENT, ++moments);
          none.answered = ++moments;
          return new HashMap<>(Map.of(-1L, none));
        });
  }
}
