package io.datawarehouse.kernel.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be sent on one link: bounded in frames and bytes, many may add, one at a time
 * drains. Thread-safe, without a lock.
 *
 * <p>Whoever adds while nobody drains becomes the drainer, so that a frame that finds the link idle
 * is sent at once, alone. Whoever adds meanwhile only adds: what has come in the meantime goes out
 * together, and so batches grow just as the link gets busy. A thread that is about to add many, as
 * it takes apart a batch that came in, holds the drainer's place ({@link #cork}) and sends them
 * together at the end. Whoever knows a better thread to drain on only adds ({@link #add}) and sees
 * that this one drains.
 */
public final class SendQueue {

  /** Where batches go. Called by one thread at a time. */
  public interface Sink {

    /** Returns whether it takes a batch now; when it does again, it calls {@link #drain()}. */
    boolean ready();

    /**
     * Takes a batch.
     *
     * @param frames the frames; the list is used again when this returns
     * @param bytes how many bytes they have together
     */
    void send(List<EncodedFrame> frames, int bytes);
  }

  /**
   * How much waits and how much goes together.
   *
   * @param mostFrames how many frames may wait
   * @param mostBytes how many bytes may wait; one frame may be longer if nothing else waits
   * @param batchFrames how many frames go together at most
   * @param batchBytes with how many bytes a batch is full
   */
  public record Limits(int mostFrames, long mostBytes, int batchFrames, int batchBytes) {}

  private final Limits limits;
  private final Sink sink;
  private final Queue<EncodedFrame> frames = new ConcurrentLinkedQueue<>();

  /** Small and rare frames that go first: heartbeats must not wait behind bulk. */
  private final Queue<EncodedFrame> urgent = new ConcurrentLinkedQueue<>();

  private final AtomicInteger count = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  /** How often draining was asked for since the drainer last looked; 0 when nobody drains. */
  private final AtomicInteger asked = new AtomicInteger();

  /** What is to be done, once, when nothing waits any more. */
  private final AtomicReference<@Nullable Runnable> atEnd = new AtomicReference<>();

  // Used by the drainer alone.
  private final List<EncodedFrame> batch = new ArrayList<>();

  /** Makes an empty queue. */
  public SendQueue(Limits limits, Sink sink) {
    this.limits = limits;
    this.sink = sink;
  }

  /** Adds a frame and sees that it is sent; returns whether there was room. */
  public boolean offer(EncodedFrame frame) {
    if (!add(frame)) {
      return false;
    }
    drain();
    return true;
  }

  /**
   * Adds a frame that whoever calls {@link #drain()} next sends; returns whether there was room.
   */
  public boolean add(EncodedFrame frame) {
    if (count.incrementAndGet() > limits.mostFrames) {
      return refused();
    }
    if (bytes.addAndGet(frame.length()) > limits.mostBytes && count.get() > 1) {
      bytes.addAndGet(-frame.length());
      return refused();
    }
    frames.add(frame);
    return true;
  }

  /** Whoever looked meanwhile may have taken it for something that waits. */
  private boolean refused() {
    count.decrementAndGet();
    if (atEnd.get() != null) {
      drain();
    }
    return false;
  }

  /** Adds a frame that goes before all others, whatever waits. */
  public void offerUrgent(EncodedFrame frame) {
    count.incrementAndGet();
    bytes.addAndGet(frame.length());
    urgent.add(frame);
    drain();
  }

  /** Takes the drainer's place without draining, if it is free; returns whether it was. */
  public boolean cork() {
    return asked.compareAndSet(0, 1);
  }

  /** Drains, and gives the place back that {@link #cork} took. */
  public void uncork() {
    drainAndLeave();
  }

  /** Sends what waits as long as the sink takes it, or leaves that to who does so already. */
  public void drain() {
    if (asked.getAndIncrement() == 0) {
      drainAndLeave();
    }
  }

  /**
   * Has something done, once, when all that was added before has been given to the sink: by this
   * thread, or by whoever drains then, which may be in the middle of it now.
   */
  public void whenEmpty(Runnable end) {
    atEnd.set(end);
    drain();
  }

  private void drainAndLeave() {
    int seen = asked.get();
    while (seen != 0) {
      while (count.get() > 0 && sink.ready() && sendOne()) {
        // Batch after batch.
      }
      if (atEnd.get() != null && count.get() == 0) {
        Runnable end = atEnd.getAndSet(null);
        if (end != null) {
          end.run();
        }
      }
      seen = asked.addAndGet(-seen);
    }
  }

  private boolean sendOne() {
    int size = 0;
    while (batch.size() < limits.batchFrames && size < limits.batchBytes) {
      EncodedFrame next = urgent.poll();
      if (next == null) {
        next = frames.poll();
      }
      if (next == null) {
        break;
      }
      batch.add(next);
      size += next.length();
    }
    if (batch.isEmpty()) {
      return false;
    }
    count.addAndGet(-batch.size());
    bytes.addAndGet(-size);
    try {
      sink.send(batch, size);
    } finally {
      batch.clear();
    }
    return true;
  }

  /** Returns how many frames wait. */
  public int waiting() {
    return count.get();
  }

  /** Returns how many bytes wait. */
  public long waitingBytes() {
    return bytes.get();
  }
}
