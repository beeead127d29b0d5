package io.datawarehouse.web.rest;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The events that wait for those who follow them, by the memory that they take. Each follower may
 * have some waiting, and all together; where all have too much, the one goes that has not taken an
 * event for longest, so that whoever reads slowly pays for it and nobody else. What is in hand of
 * one that was ended is on its way out, and is held against nobody else. Thread-safe.
 *
 * @param <F> followers, told apart by identity
 */
final class EventBacklog<F> {

  /**
   * How much there may be.
   *
   * @param followers how many followers
   * @param memoryOfOne bytes that may wait for one of them; a single event may be larger
   * @param memoryOfAll bytes that may wait for all of them
   */
  record Limits(int followers, long memoryOfOne, long memoryOfAll) {

    private static final int MOST_FOLLOWERS = 64;
    private static final long MOST_OF_ONE = 8 << 20;
    private static final int SHARE = 16;

    /** Returns the limits for a heap. */
    static Limits ofHeap(long heap) {
      long all = heap / SHARE;
      return new Limits(MOST_FOLLOWERS, Math.min(MOST_OF_ONE, all / 2), all);
    }
  }

  /**
   * An event in a line.
   *
   * @param event the event
   * @param number its place among the events of all lines
   */
  private record Waiting(StreamEvent event, long number) {}

  /** What waits for one follower; what is being sent takes memory until it was. */
  private static final class Line {
    final Queue<Waiting> waiting = new ArrayDeque<>();
    @Nullable Waiting sending;
    long memory;
    boolean ended;

    /** Returns the place of the event that has waited longest. */
    long oldest() {
      Waiting first = sending == null ? waiting.peek() : sending;
      return first == null ? Long.MAX_VALUE : first.number;
    }
  }

  private final Limits limits;

  // These under the lock of this.
  private final Map<F, Line> lines = new IdentityHashMap<>();
  private long memory;
  private long memoryOfEnded;
  private long count;

  EventBacklog(Limits limits) {
    this.limits = limits;
  }

  /** Takes a follower in; returns whether there was room for one. */
  synchronized boolean begin(F follower) {
    if (lines.size() >= limits.followers()) {
      return false;
    }
    lines.put(follower, new Line());
    return true;
  }

  /** Lets an event wait; returns the followers for whom too much waits, and who are ended. */
  synchronized List<F> add(F follower, StreamEvent event) {
    Line line = lines.get(follower);
    if (line == null || line.ended) {
      return List.of();
    }
    if (isTooMuch(line, event.memory())) {
      end(follower);
      return List.of(follower);
    }
    line.waiting.add(new Waiting(event, count++));
    take(line, event.memory());
    List<F> ended = new ArrayList<>(0);
    while (memory - memoryOfEnded > limits.memoryOfAll()) {
      Optional<F> slowest = slowest();
      if (slowest.isEmpty()) {
        break;
      }
      end(slowest.get());
      ended.add(slowest.get());
    }
    return ended;
  }

  /** An event that is too large for all together would be so without the others, too. */
  private boolean isTooMuch(Line line, long event) {
    return event > limits.memoryOfAll()
        || (line.memory > 0 && line.memory + event > limits.memoryOfOne());
  }

  /**
   * Returns the next event to be sent; null where none waits. MUST be followed by {@link #sent}.
   */
  synchronized @Nullable StreamEvent next(F follower) {
    Line line = lines.get(follower);
    if (line == null) {
      return null;
    }
    Waiting next = line.waiting.poll();
    line.sending = next;
    return next == null ? null : next.event;
  }

  /** Notes that the event was sent, or cannot be. */
  synchronized void sent(F follower) {
    Line line = lines.get(follower);
    if (line != null && line.sending != null) {
      long freed = line.sending.event.memory();
      take(line, -freed);
      line.sending = null;
      if (line.ended) {
        memoryOfEnded -= freed;
        lines.remove(follower);
      }
    }
  }

  synchronized boolean hasWaiting(F follower) {
    Line line = lines.get(follower);
    return line != null && !line.waiting.isEmpty();
  }

  /** Forgets what waits for a follower, and the follower when what is being sent was. */
  synchronized void end(F follower) {
    Line line = lines.get(follower);
    if (line == null || line.ended) {
      return;
    }
    line.ended = true;
    line.waiting.forEach(one -> take(line, -one.event.memory()));
    line.waiting.clear();
    memoryOfEnded += line.memory;
    if (line.sending == null) {
      lines.remove(follower);
    }
  }

  /** Returns the bytes that wait for all, and those in hand of followers that were ended. */
  synchronized long memory() {
    return memory;
  }

  /** Returns how many followers there are. */
  synchronized int size() {
    return lines.size();
  }

  private Optional<F> slowest() {
    return lines.entrySet().stream()
        .filter(entry -> !entry.getValue().ended && entry.getValue().memory > 0)
        .min(Comparator.comparingLong(entry -> entry.getValue().oldest()))
        .map(Map.Entry::getKey);
  }

  private void take(Line line, long bytes) {
    line.memory += bytes;
    memory += bytes;
  }
}
