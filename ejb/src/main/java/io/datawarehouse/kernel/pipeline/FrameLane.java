package io.datawarehouse.kernel.pipeline;

import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Works on the frames of one content side by side and gives them back in their order. Helpers come
 * from the executor as soon as more than one frame is there; the owner works too whenever it would
 * have to wait. So a busy executor makes it slower and never stops it.
 *
 * <p>A frame can also be digested, which happens one by one in their order, on whatever thread.
 *
 * <p>Confined to its owner, but for the helping.
 */
final class FrameLane implements AutoCloseable {

  /** A lane that holds so many can have one filled while it looks whether another follows. */
  private static final int GUARANTEED = 2;

  /**
   * What all lanes share.
   *
   * @param pool buffers
   * @param executor runs helpers; may refuse
   * @param helpers how many may be at work for all lanes together
   * @param helpersOfOne how many for one lane
   */
  record Workshop(FramePool pool, Executor executor, Semaphore helpers, int helpersOfOne) {

    int mostFrames() {
      return 2 * helpersOfOne + GUARANTEED;
    }
  }

  private final Workshop workshop;
  private final int bufferBytes;
  private final Supplier<? extends FrameCoder> newCoder;
  private final @Nullable Consumer<Frame> digest;

  // All guarded by this.
  private final ArrayDeque<Frame> order = new ArrayDeque<>();
  private final ArrayDeque<Frame> toWork = new ArrayDeque<>();
  private final ArrayDeque<Frame> toDigest = new ArrayDeque<>();
  private final ArrayDeque<FrameCoder> coders = new ArrayDeque<>();
  private boolean digesting;
  private int working;
  private int helping;
  private long changes;

  // The owner's.
  private final ArrayDeque<Frame> free = new ArrayDeque<>();
  private int held;
  private boolean closed;

  /**
   * Makes a lane.
   *
   * @param bufferBytes how large the buffers of a frame are
   * @param newCoder makes what works on frames; called for every thread that does
   * @param digest what is done with each frame in order, if anything
   */
  FrameLane(
      Workshop workshop,
      int bufferBytes,
      Supplier<? extends FrameCoder> newCoder,
      @Nullable Consumer<Frame> digest) {
    this.workshop = workshop;
    this.bufferBytes = bufferBytes;
    this.newCoder = newCoder;
    this.digest = digest;
  }

  /** Returns a frame to fill, or null if the owner has to take an old one back first. */
  @Nullable Frame poll() {
    Frame unused = free.poll();
    if (unused != null) {
      return unused;
    }
    if (held < GUARANTEED || held < workshop.mostFrames() && workshop.pool.allowExtra()) {
      held++;
      return new Frame(workshop.pool.take(bufferBytes), workshop.pool.take(bufferBytes));
    }
    return null;
  }

  /** Gives back a frame that {@link #poll()} or {@link #oldest()} gave. */
  void giveBack(Frame frame) {
    free.push(frame);
  }

  /** Puts a filled frame in line. */
  void submit(Frame frame) {
    boolean schedule;
    synchronized (this) {
      frame.worked = false;
      frame.digested = digest == null;
      frame.failure = null;
      order.add(frame);
      toWork.add(frame);
      if (digest != null) {
        toDigest.add(frame);
      }
      schedule =
          order.size() > 1 && helping < workshop.helpersOfOne && workshop.helpers.tryAcquire();
      helping += schedule ? 1 : 0;
    }
    if (schedule) {
      try {
        workshop.executor.execute(this::help);
      } catch (RejectedExecutionException e) {
        // Nobody comes: the owner does it.
        endHelp();
      }
    }
  }

  /** Returns whether a frame is in line. */
  synchronized boolean busy() {
    return !order.isEmpty();
  }

  /** Returns the oldest frame if it is done, without waiting. */
  @Nullable Frame pollOldest() {
    Frame oldest;
    synchronized (this) {
      oldest = order.peek();
      if (oldest == null || !oldest.worked || !oldest.digested) {
        return null;
      }
      order.remove();
    }
    return checked(oldest);
  }

  /** Returns the oldest frame when it is done; works meanwhile. Throws what working on it threw. */
  Frame oldest() {
    while (true) {
      Frame done = pollOldest();
      if (done != null) {
        return done;
      }
      Job job = claimOrWait();
      if (job != null) {
        job.run();
      }
    }
  }

  private Frame checked(Frame frame) {
    Throwable failure = frame.failure;
    if (failure == null) {
      return frame;
    }
    free.push(frame);
    if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }

  /** One thing to do with one frame. */
  private final class Job {
    private final Frame frame;
    private final boolean digests;

    Job(Frame frame, boolean digests) {
      this.frame = frame;
      this.digests = digests;
    }

    void run() {
      Throwable failure = null;
      try {
        if (digests) {
          Objects.requireNonNull(digest).accept(frame);
        } else {
          work();
        }
      } catch (RuntimeException | Error e) {
        failure = e;
      }
      done(failure);
    }

    private void work() {
      FrameCoder coder = takeCoder();
      if (coder == null) {
        coder = newCoder.get();
      }
      try {
        coder.work(frame);
      } finally {
        giveBackCoder(coder);
      }
    }

    private void done(@Nullable Throwable failure) {
      synchronized (FrameLane.this) {
        if (frame.failure == null) {
          frame.failure = failure;
        }
        if (digests) {
          frame.digested = true;
          digesting = false;
        } else {
          frame.worked = true;
          working--;
        }
        changes++;
        FrameLane.this.notifyAll();
      }
    }
  }

  private synchronized @Nullable FrameCoder takeCoder() {
    return coders.poll();
  }

  private synchronized void giveBackCoder(FrameCoder coder) {
    coders.push(coder);
  }

  /** Digesting goes first: it cannot be done by two. Called with the lock held. */
  private @Nullable Job claim() {
    if (!digesting && !toDigest.isEmpty()) {
      digesting = true;
      return new Job(toDigest.remove(), true);
    }
    Frame frame = toWork.poll();
    if (frame == null) {
      return null;
    }
    working++;
    return new Job(frame, false);
  }

  private synchronized @Nullable Job claimOrWait() {
    Job job = claim();
    Frame head = order.element();
    if (job == null && !(head.worked && head.digested)) {
      await();
    }
    return job;
  }

  /** Waits until something else is done; others work on memory only, so that is soon. */
  private synchronized void await() {
    long seen = changes;
    boolean interrupted = false;
    while (changes == seen) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the executor runs. */
  private void help() {
    while (true) {
      Job job;
      synchronized (this) {
        job = claim();
        if (job == null) {
          endHelp();
          return;
        }
      }
      job.run();
    }
  }

  private synchronized void endHelp() {
    helping--;
    workshop.helpers.release();
  }

  /** Forgets what is not done, waits for what is being done, and gives everything back. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    synchronized (this) {
      toWork.clear();
      toDigest.clear();
      while (working > 0 || digesting) {
        await();
      }
      free.addAll(order);
      order.clear();
    }
    for (Frame frame : free) {
      workshop.pool.giveBack(frame.content);
      workshop.pool.giveBack(frame.stored);
    }
    workshop.pool.endExtras(Math.max(0, held - GUARANTEED));
    coders.forEach(FrameCoder::close);
    coders.clear();
  }
}
