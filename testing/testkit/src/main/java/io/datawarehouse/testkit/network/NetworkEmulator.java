package io.datawarehouse.testkit.network;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A network on loopback that delays, is slow, and breaks: lines that forward TCP connections to a
 * port, and do to them what the test says. Bytes of one connection keep their order, as TCP
 * promises; those of two connections overtake each other. Delays are drawn from a seed, per
 * connection. Thread-safe.
 *
 * <pre>
 * try (NetworkEmulator network = new NetworkEmulator(seed)) {
 *   NetworkEmulator.Line line = network.line("127.0.0.1", port);
 *   line.conditions(Conditions.delay(Duration.ofMillis(1), Duration.ofMillis(5)));
 *   connectTo(line.port());
 *   line.cut();
 *   line.heal();
 * }
 * </pre>
 *
 * @since 0.1
 */
public final class NetworkEmulator implements AutoCloseable {

  private static final int CHUNK_BYTES = 16 << 10;
  private static final int MOST_ON_THE_WAY = 1 << 20;
  private static final int CONNECT_MILLIS = 5_000;

  /**
   * How a line behaves. Immutable.
   *
   * @param leastDelay how long bytes are on their way at least
   * @param mostDelay how long at most
   * @param bytesPerSecond how many bytes a second each connection carries in each direction; 0 for
   *     as many as there are
   */
  public record Conditions(Duration leastDelay, Duration mostDelay, long bytesPerSecond) {

    /** Checks. */
    public Conditions {
      if (leastDelay.isNegative() || mostDelay.compareTo(leastDelay) < 0 || bytesPerSecond < 0) {
        throw new IllegalArgumentException(
            "delays %s to %s, %d bytes a second".formatted(leastDelay, mostDelay, bytesPerSecond));
      }
    }

    /** Returns the conditions of a good network. */
    public static Conditions good() {
      return new Conditions(Duration.ZERO, Duration.ZERO, 0);
    }

    /** Returns conditions with delays alone. */
    public static Conditions delay(Duration least, Duration most) {
      return new Conditions(least, most, 0);
    }

    /** Returns the same with a limit of bytes a second. */
    public Conditions limitedTo(long newBytesPerSecond) {
      return new Conditions(leastDelay, mostDelay, newBytesPerSecond);
    }
  }

  private final long seed;
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final List<Line> lines = new CopyOnWriteArrayList<>();

  /**
   * Makes a network without lines.
   *
   * @param seed what delays are drawn from; the same gives the same delays to the same connections
   */
  public NetworkEmulator(long seed) {
    this.seed = seed;
  }

  /** Opens a line to a port; it carries connections at once, under good conditions. */
  public Line line(String host, int port) {
    Line line = new Line(new InetSocketAddress(host, port), seed * 31 + lines.size());
    lines.add(line);
    executor.execute(line::accept);
    return line;
  }

  /** Closes all lines and their connections. */
  @Override
  public void close() {
    lines.forEach(Line::close);
    executor.shutdownNow();
  }

  private static void closeQuietly(Closeable resource) {
    try {
      resource.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  /** A port that leads to another one. Thread-safe. */
  public final class Line implements AutoCloseable {

    private final InetSocketAddress target;
    private final Random random;
    private final ServerSocket server;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile Conditions conditions = Conditions.good();
    private volatile boolean cut;
    private volatile boolean frozen;

    private Line(InetSocketAddress target, long lineSeed) {
      this.target = target;
      this.random = new Random(lineSeed);
      try {
        this.server = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Returns the port to connect to, on loopback. */
    public int port() {
      return server.getLocalPort();
    }

    /** Sets how bytes travel from now on. */
    public void conditions(Conditions newConditions) {
      conditions = newConditions;
    }

    /** Breaks all connections; new ones are taken at once. */
    public void breakConnections() {
      connections.forEach(Connection::close);
    }

    /** Breaks all connections and every new one. */
    public void cut() {
      cut = true;
      breakConnections();
    }

    /** Takes new connections again, and lets bytes through. */
    public void heal() {
      cut = false;
      thaw();
    }

    /** Holds all bytes back and breaks nothing, as a cable does that was pulled. */
    public void freeze() {
      frozen = true;
    }

    /** Lets the bytes go that were held back. */
    public void thaw() {
      frozen = false;
      connections.forEach(Connection::wake);
    }

    /** Returns how many connections there are. */
    public int connections() {
      return connections.size();
    }

    private void accept() {
      while (!server.isClosed()) {
        try {
          Socket client = server.accept();
          executor.execute(() -> connect(client));
        } catch (IOException | RejectedExecutionException e) {
          close();
        }
      }
    }

    private void connect(Socket client) {
      if (cut) {
        closeQuietly(client);
        return;
      }
      Socket onward = new Socket();
      Connection connection = new Connection(client, onward);
      connections.add(connection);
      try {
        onward.connect(target, CONNECT_MILLIS);
        client.setTcpNoDelay(true);
        onward.setTcpNoDelay(true);
        connection.start();
        if (cut) {
          connection.close();
        }
      } catch (IOException | RejectedExecutionException e) {
        connection.close();
      }
    }

    @Override
    public void close() {
      closeQuietly(server);
      breakConnections();
    }

    /** One connection through the line. */
    private final class Connection {

      private final Socket client;
      private final Socket onward;
      private final Direction there;
      private final Direction back;

      Connection(Socket client, Socket onward) {
        this.client = client;
        this.onward = onward;
        synchronized (random) {
          there = new Direction(random.nextLong());
          back = new Direction(random.nextLong());
        }
      }

      void start() throws IOException {
        InputStream fromClient = client.getInputStream();
        InputStream fromTarget = onward.getInputStream();
        OutputStream toClient = client.getOutputStream();
        OutputStream toTarget = onward.getOutputStream();
        executor.execute(() -> read(fromClient, there));
        executor.execute(() -> read(fromTarget, back));
        executor.execute(() -> write(there, toTarget, onward));
        executor.execute(() -> write(back, toClient, client));
      }

      private void read(InputStream in, Direction direction) {
        byte[] chunk = new byte[CHUNK_BYTES];
        try {
          for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
            direction.add(Arrays.copyOf(chunk, length));
          }
          direction.end();
        } catch (IOException e) {
          close();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          close();
        }
      }

      private void write(Direction direction, OutputStream out, Socket socket) {
        try {
          for (byte[] chunk = direction.next(); chunk != null; chunk = direction.next()) {
            out.write(chunk);
          }
          socket.shutdownOutput();
        } catch (IOException e) {
          close();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          close();
        }
      }

      void wake() {
        there.wake();
        back.wake();
      }

      void close() {
        connections.remove(this);
        closeQuietly(client);
        closeQuietly(onward);
        there.abandon();
        back.abandon();
      }
    }

    /** Bytes on their way in one direction, in order, each with the time at which it arrives. */
    private final class Direction {

      private record Chunk(byte[] bytes, long due) {}

      private final Random delays;

      // All guarded by this.
      private final Deque<Chunk> onTheWay = new ArrayDeque<>();
      private long bytes;
      private long lastDue = System.nanoTime();
      private boolean ended;
      private boolean abandoned;

      Direction(long directionSeed) {
        delays = new Random(directionSeed);
      }

      synchronized void add(byte[] chunk) throws InterruptedException {
        while (bytes > MOST_ON_THE_WAY && !abandoned) {
          wait();
        }
        Conditions now = conditions;
        long least = now.leastDelay.toNanos();
        long spread = now.mostDelay.toNanos() - least;
        long delay = least + (spread == 0 ? 0 : (long) (delays.nextDouble() * spread));
        long took =
            now.bytesPerSecond == 0 ? 0 : chunk.length * 1_000_000_000L / now.bytesPerSecond;
        lastDue = Math.max(lastDue, System.nanoTime() + delay) + took;
        onTheWay.add(new Chunk(chunk, lastDue));
        bytes += chunk.length;
        notifyAll();
      }

      /** Returns the next bytes when they arrive; null at the end. */
      synchronized byte @Nullable [] next() throws InterruptedException {
        while (!abandoned) {
          Chunk first = onTheWay.peek();
          if (first == null && ended) {
            return null;
          }
          long left = first == null ? 0 : first.due - System.nanoTime();
          if (first == null || frozen) {
            wait();
          } else if (left <= 0) {
            onTheWay.remove();
            bytes -= first.bytes.length;
            notifyAll();
            return first.bytes;
          } else {
            wait(left / 1_000_000, (int) (left % 1_000_000));
          }
        }
        return null;
      }

      synchronized void end() {
        ended = true;
        notifyAll();
      }

      synchronized void abandon() {
        abandoned = true;
        notifyAll();
      }

      synchronized void wake() {
        notifyAll();
      }
    }
  }
}
