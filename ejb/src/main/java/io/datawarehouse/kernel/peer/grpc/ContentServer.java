package io.datawarehouse.kernel.peer.grpc;

import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.PeerErrors;
import io.datawarehouse.kernel.peer.PeerFrame;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Sends contents to those they were offered to: one thread of the executor for each as long as it
 * lasts. It reads only when the transport takes more, and stops when the receiver does not want
 * more, or takes nothing for too long. Thread-safe.
 */
final class ContentServer implements ServerCallHandler<Parcel, Parcel> {

  private static final System.Logger LOG = System.getLogger(ContentServer.class.getName());
  private static final int CHUNK_BYTES = 64 << 10;

  private final BiFunction<String, Long, Optional<Content>> offers;
  private final Executor executor;
  private final Duration stall;
  private final FrameCodec codec;
  private final LinkMetrics metrics;

  /**
   * Makes it.
   *
   * @param offers finds what was offered, by the link's name and the content's number
   */
  ContentServer(
      BiFunction<String, Long, Optional<Content>> offers,
      Executor executor,
      Duration stall,
      FrameCodec codec,
      LinkMetrics metrics) {
    this.offers = offers;
    this.executor = executor;
    this.stall = stall;
    this.codec = codec;
    this.metrics = metrics;
  }

  /** Returns the question for a content. */
  static byte[] question(String link, long number) {
    byte[] name = link.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + name.length).putLong(number).put(name).array();
  }

  @Override
  public ServerCall.Listener<Parcel> startCall(ServerCall<Parcel, Parcel> call, Metadata headers) {
    call.request(1);
    return new Sending(call);
  }

  private final class Sending extends ServerCall.Listener<Parcel> implements Runnable {

    private final ServerCall<Parcel, Parcel> call;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private volatile boolean cancelled;

    // Written before the executor has it.
    private @Nullable Content content;

    Sending(ServerCall<Parcel, Parcel> call) {
      this.call = call;
    }

    @Override
    public void onMessage(Parcel question) {
      ByteBuffer bytes = ByteBuffer.wrap(question.receivedBytes());
      if (content != null || bytes.remaining() < 9) {
        call.close(Status.INVALID_ARGUMENT, new Metadata());
        return;
      }
      long number = bytes.getLong();
      String link = StandardCharsets.UTF_8.decode(bytes).toString();
      Optional<Content> offered = offers.apply(link, number);
      if (offered.isEmpty()) {
        call.close(Status.NOT_FOUND, new Metadata());
        return;
      }
      content = offered.get();
      call.sendHeaders(new Metadata());
      try {
        executor.execute(this);
      } catch (RejectedExecutionException e) {
        closeContent(offered.get());
        end(
            new WarehouseException(
                StandardErrorCode.BULKHEAD_FULL,
                "too many contents are on their way at the same time"));
      }
    }

    @Override
    public void onReady() {
      signal();
    }

    @Override
    public void onCancel() {
      cancelled = true;
      signal();
    }

    private void signal() {
      lock.lock();
      try {
        news.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void run() {
      Content source = content;
      if (source == null) {
        return;
      }
      try {
        if (copy(source.stream())) {
          call.close(Status.OK, new Metadata());
        }
      } catch (WarehouseException e) {
        end(e);
      } catch (IOException | RuntimeException e) {
        LOG.log(System.Logger.Level.DEBUG, "the source of a content failed", e);
        // What it says may be anything, so only its kind crosses the wire.
        close(Status.DATA_LOSS.withDescription("its source failed: " + kindOf(e)), new Metadata());
      } finally {
        closeContent(source);
      }
    }

    private static String kindOf(Exception e) {
      Throwable cause = e instanceof UncheckedIOException ? e.getCause() : e;
      return (cause == null ? e : cause).getClass().getSimpleName();
    }

    /** Returns whether all of it was sent; not where the receiver went away. */
    private boolean copy(InputStream source) throws IOException {
      byte[] chunk = new byte[CHUNK_BYTES];
      while (awaitReady()) {
        int length = read(source, chunk);
        if (length < 0) {
          return !cancelled;
        }
        call.sendMessage(Parcel.of(chunk, length));
        metrics.content(length);
      }
      return false;
    }

    private static int read(InputStream source, byte[] chunk) throws IOException {
      int length = source.read(chunk);
      while (length > 0 && length < chunk.length && source.available() > 0) {
        int more = source.read(chunk, length, chunk.length - length);
        if (more < 0) {
          break;
        }
        length += more;
      }
      return length;
    }

    private boolean awaitReady() {
      lock.lock();
      try {
        long left = stall.toNanos();
        while (!cancelled && !call.isReady()) {
          if (left <= 0) {
            throw new WarehouseException(
                StandardErrorCode.TIMEOUT,
                "the receiver of a content took nothing for " + stall.toMillis() + " ms");
          }
          left = news.awaitNanos(left);
        }
        return !cancelled;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new WarehouseException(
            StandardErrorCode.UNAVAILABLE, "the node stops while it sends a content", e);
      } finally {
        lock.unlock();
      }
    }

    private void end(WarehouseException error) {
      Metadata trailers = new Metadata();
      trailers.put(
          PeerMethods.ERROR,
          codec.encode(new PeerFrame.Failure(0, false, PeerErrors.textOf(error))));
      close(Status.ABORTED, trailers);
    }

    private void close(Status status, Metadata trailers) {
      try {
        call.close(status, trailers);
      } catch (IllegalStateException e) {
        LOG.log(System.Logger.Level.DEBUG, "the receiver of a content went away", e);
      }
    }
  }

  private static void closeContent(Content content) {
    try {
      content.close();
    } catch (UncheckedIOException e) {
      LOG.log(System.Logger.Level.DEBUG, "a content could not be closed", e);
    }
  }
}
