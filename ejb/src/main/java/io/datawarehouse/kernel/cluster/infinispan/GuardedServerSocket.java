package io.datawarehouse.kernel.cluster.infinispan;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Hands out connections whose handshake is done. JGroups accepts on one thread and shakes hands on
 * it: whoever connected and said nothing would keep all others out. Here handshakes run beside each
 * other, a bounded number, each for a bounded time as a whole, however slowly the other side drips.
 * Thread-safe.
 */
final class GuardedServerSocket extends ServerSocket {

  private static final System.Logger LOG = System.getLogger(GuardedServerSocket.class.getName());

  private static final int MOST_HANDSHAKES = 32;
  private static final int MOST_READY = 64;
  private static final int SWEEP_MILLIS = 250;

  private final SSLServerSocket inner;
  private final ThreadFactory threads;
  private final LongSupplier nanoTime;
  private final long limitNanos;
  private final Semaphore free = new Semaphore(MOST_HANDSHAKES);
  private final BlockingQueue<Socket> ready = new LinkedBlockingQueue<>(MOST_READY);
  private final Map<Socket, Long> startedNanos = new ConcurrentHashMap<>();
  private volatile boolean closed;

  GuardedServerSocket(
      SSLServerSocket inner, ThreadFactory threads, LongSupplier nanoTime, Duration limit)
      throws IOException {
    this.inner = inner;
    this.threads = threads;
    this.nanoTime = nanoTime;
    this.limitNanos = limit.toNanos();
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
    while (!closed) {
      try {
        shakeHands(inner.accept());
      } catch (SocketTimeoutException e) {
        LOG.log(System.Logger.Level.TRACE, "nobody came");
      } catch (IOException e) {
        if (!closed) {
          LOG.log(System.Logger.Level.WARNING, "a connection could not be accepted", e);
        }
      }
      sweep();
    }
    startedNanos.keySet().forEach(GuardedServerSocket::end);
  }

  private void shakeHands(Socket socket) {
    if (!free.tryAcquire()) {
      end(socket);
      return;
    }
    startedNanos.put(socket, nanoTime.getAsLong());
    threads
        .newThread(
            () -> {
              try {
                ((SSLSocket) socket).startHandshake();
                if (startedNanos.remove(socket) == null || closed || !ready.offer(socket)) {
                  end(socket);
                }
              } catch (IOException e) {
                // Who was refused and why is audited where certificates are judged.
                LOG.log(System.Logger.Level.DEBUG, "a handshake failed", e);
                end(socket);
              } finally {
                startedNanos.remove(socket);
                free.release();
              }
            })
        .start();
  }

  private void sweep() {
    long nanos = nanoTime.getAsLong();
    startedNanos.forEach(
        (socket, since) -> {
          if (nanos - since > limitNanos && startedNanos.remove(socket, since)) {
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
