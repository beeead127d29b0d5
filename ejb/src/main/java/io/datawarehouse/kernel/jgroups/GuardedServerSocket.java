package io.datawarehouse.kernel.jgroups;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Hands out connections whose handshake is done. JGroups accepts on one thread and shakes hands on
 * it: whoever connected and said nothing would keep all others out. Here handshakes run beside each
 * other, a bounded number, each for a bounded time as a whole, however slowly the other side drips.
 *
 * <p>Whoever holds many connections open must not hold all places: one address has its share of
 * them and no more, and where there is no place left for one who comes, whoever has been at it
 * longest gives way, if that is longer than a handshake takes. Thread-safe.
 */
final class GuardedServerSocket extends ServerSocket {

  private static final System.Logger LOG = System.getLogger(GuardedServerSocket.class.getName());

  static final int MOST_HANDSHAKES = 32;

  /** How many of them one address may have. */
  static final int SHARE = MOST_HANDSHAKES / 2;

  /** How long a handshake is left alone where others wait for its place. */
  static final Duration PATIENCE = Duration.ofMillis(500);

  private static final int MOST_READY = 64;
  private static final int SWEEP_MILLIS = 250;

  private final SSLServerSocket inner;
  private final ThreadFactory threads;
  private final LongSupplier nanoTime;
  private final long limitNanos;
  private final BiConsumer<IOException, String> failures;
  private final Semaphore free = new Semaphore(MOST_HANDSHAKES);
  private final BlockingQueue<Socket> ready = new LinkedBlockingQueue<>(MOST_READY);
  private final Map<Socket, Begun> under = new ConcurrentHashMap<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean closed;

  /** Since when whom a handshake is made with. */
  private record Begun(InetAddress from, long nanos) {}

  /**
   * Guards a socket that is not bound yet.
   *
   * @param threads where a thread for each handshake comes from
   * @param nanoTime a clock that only goes forward
   * @param limit how long a handshake may take
   * @param failures hears of each handshake that failed, and with whom
   */
  GuardedServerSocket(
      SSLServerSocket inner,
      ThreadFactory threads,
      LongSupplier nanoTime,
      Duration limit,
      BiConsumer<IOException, String> failures)
      throws IOException {
    this.inner = inner;
    this.threads = threads;
    this.nanoTime = nanoTime;
    this.limitNanos = limit.toNanos();
    this.failures = failures;
  }

  @Override
  public void bind(@Nullable SocketAddress endpoint, int backlog) throws IOException {
    inner.bind(endpoint, backlog);
    inner.setSoTimeout(SWEEP_MILLIS);
    threads.newThread(this::acceptAll).start();
  }

  @Override
  public void bind(@Nullable SocketAddress endpoint) throws IOException {
    bind(endpoint, 0);
  }

  private void acceptAll() {
    boolean fails = false;
    while (!closed) {
      try {
        shakeHands(inner.accept());
        fails = false;
      } catch (SocketTimeoutException e) {
        LOG.log(System.Logger.Level.TRACE, "nobody came");
      } catch (IOException | RuntimeException | OutOfMemoryError e) {
        // No file or no thread is left, for example: that may pass, so this thread must go on.
        if (!closed) {
          LOG.log(levelOf(fails), "a connection could not be accepted", e);
          rest();
        }
        fails = true;
      }
      sweep();
    }
    under.keySet().forEach(GuardedServerSocket::end);
  }

  /** What fails again and again is told once. */
  private static System.Logger.Level levelOf(boolean again) {
    return again ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING;
  }

  private void rest() {
    try {
      boolean unused = ended.await(SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }

  private void shakeHands(Socket socket) {
    if (!hasPlace(socket.getInetAddress())) {
      end(socket);
      return;
    }
    under.put(socket, new Begun(socket.getInetAddress(), nanoTime.getAsLong()));
    boolean begun = false;
    try {
      threads.newThread(() -> shakeHandsNow(socket)).start();
      begun = true;
    } finally {
      if (!begun) {
        under.remove(socket);
        free.release();
        end(socket);
      }
    }
  }

  private void shakeHandsNow(Socket socket) {
    String from = String.valueOf(socket.getRemoteSocketAddress());
    try {
      ((SSLSocket) socket).startHandshake();
      if (under.remove(socket) == null || closed || !ready.offer(socket)) {
        end(socket);
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "a handshake failed", e);
      end(socket);
      failures.accept(e, from);
    } finally {
      under.remove(socket);
      free.release();
    }
  }

  /** Takes a place for one who comes from there; returns whether there is one. */
  private boolean hasPlace(InetAddress from) {
    if (under.values().stream().filter(begun -> begun.from().equals(from)).count() >= SHARE) {
      return giveWay(begun -> begun.from().equals(from)) && takePlace();
    }
    return free.tryAcquire() || giveWay(begun -> true) && takePlace();
  }

  /** Ends the longest of those handshakes, unless all of them have only begun. */
  private boolean giveWay(Predicate<Begun> those) {
    long nanos = nanoTime.getAsLong();
    return under.entrySet().stream()
        .filter(entry -> those.test(entry.getValue()))
        .max(Comparator.comparingLong(entry -> nanos - entry.getValue().nanos()))
        .filter(entry -> nanos - entry.getValue().nanos() >= PATIENCE.toNanos())
        .filter(entry -> under.remove(entry.getKey(), entry.getValue()))
        .map(
            entry -> {
              end(entry.getKey());
              return true;
            })
        .orElse(false);
  }

  /** Its place is free as soon as its thread has noticed. */
  private boolean takePlace() {
    try {
      return free.tryAcquire(SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void sweep() {
    long nanos = nanoTime.getAsLong();
    under.forEach(
        (socket, begun) -> {
          if (nanos - begun.nanos() > limitNanos && under.remove(socket, begun)) {
            end(socket);
          }
        });
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.TRACE, "closed already", e);
    }
  }

  @Override
  public Socket accept() throws IOException {
    while (!closed) {
      try {
        Socket socket = ready.poll(SWEEP_MILLIS, TimeUnit.MILLISECONDS);
        if (socket != null) {
          return socket;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SocketException("interrupted");
      }
    }
    throw new SocketException("closed");
  }

  @Override
  public void close() throws IOException {
    closed = true;
    ended.countDown();
    inner.close();
    for (Socket socket = ready.poll(); socket != null; socket = ready.poll()) {
      end(socket);
    }
    super.close();
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public boolean isBound() {
    return inner.isBound();
  }

  @Override
  public int getLocalPort() {
    return inner.getLocalPort();
  }

  @Override
  public InetAddress getInetAddress() {
    return inner.getInetAddress();
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    return inner.getLocalSocketAddress();
  }
}
