package io.datawarehouse.kernel.peer.grpc;

import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.MalformedFrame;
import io.datawarehouse.kernel.peer.PeerErrors;
import io.datawarehouse.kernel.peer.PeerFrame;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A content that is fetched from the node that offered it. The call is made at the first read. At
 * most a few chunks are here at a time; one more is asked for when one was read. Read by one thread
 * at a time; closed by any.
 */
final class FetchedContent extends InputStream {

  private static final int CHUNKS_AHEAD = 4;

  /** Makes the call; fails where the peer has no address. */
  interface Opening {
    /** Returns a call that was not started. */
    ClientCall<Parcel, Parcel> call();
  }

  private final NodeId peer;
  private final byte[] question;
  private final Opening opening;
  private final Runnable unwanted;
  private final Duration stall;
  private final Supplier<FrameCodec> codec;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();

  // Guarded by lock.
  private final Deque<byte[]> chunks = new ArrayDeque<>();
  private @Nullable ClientCall<Parcel, Parcel> call;
  private boolean ended;
  private @Nullable Exception failure;
  private boolean closed;

  // Used by the reader alone.
  private byte[] current = new byte[0];
  private int at;

  /**
   * Makes the stream.
   *
   * @param question what is asked for: the link's name and the content's number
   * @param unwanted tells the peer that nobody will ask
   * @param stall how long nothing may come while something is wanted
   */
  FetchedContent(
      NodeId peer,
      byte[] question,
      Opening opening,
      Runnable unwanted,
      Duration stall,
      Supplier<FrameCodec> codec) {
    this.peer = peer;
    this.question = question;
    this.opening = opening;
    this.unwanted = unwanted;
    this.stall = stall;
    this.codec = codec;
  }

  @Override
  public int read() throws IOException {
    return fill() ? current[at++] & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    Objects.checkFromIndexSize(offset, count, target.length);
    if (count == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int length = Math.min(count, current.length - at);
    System.arraycopy(current, at, target, offset, length);
    at += length;
    return length;
  }

  @Override
  public int available() {
    return current.length - at;
  }

  /** Sees that there is a byte to read; false at the end. */
  private boolean fill() throws IOException {
    while (at == current.length) {
      byte[] next = next();
      if (next == null) {
        return false;
      }
      current = next;
      at = 0;
    }
    return true;
  }

  private byte @Nullable [] next() throws IOException {
    lock.lock();
    try {
      if (call == null && !closed && failure == null) {
        start();
      }
      await();
      byte[] chunk = chunks.poll();
      if (chunk != null) {
        if (call != null && !ended) {
          call.request(1);
        }
        return chunk;
      }
      if (failure != null) {
        throw thrown(failure);
      }
      if (closed) {
        throw new IOException("the content was closed");
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private static IOException thrown(Exception failure) {
    if (failure instanceof WarehouseException typed) {
      // The reader may be on another thread than who made it, so it gets one with its own stack.
      throw new WarehouseException(typed.code(), typed.detail(), typed.attributes(), typed);
    }
    return new IOException(String.valueOf(failure.getMessage()), failure);
  }

  /** Called under lock. */
  private void start() {
    ClientCall<Parcel, Parcel> started = opening.call();
    call = started;
    started.start(new Listener(), new Metadata());
    started.request(CHUNKS_AHEAD);
    started.sendMessage(Parcel.of(question, question.length));
    started.halfClose();
  }

  /** Waits for a chunk, the end or a failure; called under lock. */
  private void await() throws IOException {
    if (arrived()) {
      return;
    }
    boolean[] inTime = {true};
    try {
      // A worker of the bus that waits here has another take its place.
      ForkJoinPool.managedBlock(
          new ForkJoinPool.ManagedBlocker() {
            @Override
            public boolean block() throws InterruptedException {
              long left = stall.toNanos();
              while (!arrived() && left > 0) {
                left = news.awaitNanos(left);
              }
              inTime[0] = arrived();
              return true;
            }

            @Override
            public boolean isReleasable() {
              return arrived();
            }
          });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a content of " + peer);
    }
    if (!inTime[0]) {
      failure =
          new WarehouseException(
              StandardErrorCode.TIMEOUT,
              "nothing came of a content of node " + peer + " for " + stall.toMillis() + " ms");
      cancel("nothing came");
    }
  }

  private boolean arrived() {
    return !chunks.isEmpty() || ended || failure != null || closed;
  }

  private void cancel(String why) {
    if (call != null) {
      call.cancel(why, null);
    }
  }

  @Override
  public void close() {
    boolean never;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      never = call == null;
      chunks.clear();
      if (!ended && !never) {
        cancel("the reader has closed it");
      }
      news.signalAll();
    } finally {
      lock.unlock();
    }
    if (never) {
      unwanted.run();
    }
  }

  private final class Listener extends ClientCall.Listener<Parcel> {

    @Override
    public void onMessage(Parcel chunk) {
      lock.lock();
      try {
        if (!closed) {
          chunks.add(chunk.receivedBytes());
          news.signal();
        }
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      lock.lock();
      try {
        ended = true;
        if (!status.isOk() && failure == null) {
          failure = failureOf(status, trailers);
        }
        news.signalAll();
      } finally {
        lock.unlock();
      }
    }

    private Exception failureOf(Status status, Metadata trailers) {
      byte[] error = trailers.get(PeerMethods.ERROR);
      if (error == null) {
        return status.getCode() == Status.Code.DATA_LOSS
            ? new IOException(String.valueOf(status.getDescription()))
            : PeerErrors.unreachable(peer, "a content broke off, " + status.getCode());
      }
      try {
        return codec.get().decode(error, 0, error.length) instanceof PeerFrame.Failure text
            ? PeerErrors.errorOf(text.error())
            : PeerErrors.unreachable(peer, "a content broke off");
      } catch (MalformedFrame e) {
        return PeerErrors.unreachable(peer, "a content broke off");
      }
    }
  }
}
