package io.datawarehouse.benchmarks.http;

import io.datawarehouse.benchmarks.report.Subject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.HdrHistogram.Histogram;

/**
 * A closed loop over some connections: each sends its next request when the one before is answered.
 * Connections live from round to round.
 */
final class Load implements Subject, AutoCloseable {

  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final String name;
  private final LongFunction<String> heads;
  private final long bodySize;
  private final long answerSize;
  private final boolean countBytes;
  private final List<Connection> connections = new ArrayList<>();
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final AtomicLong numbers = new AtomicLong();

  /**
   * What is sent.
   *
   * @param heads the request up to the empty line, for the number of the request
   * @param bodySize how many bytes follow
   * @param answerSize how many bytes must come back; less than 0 for any number
   * @param countBytes whether bytes, not requests, are counted
   */
  record Work(LongFunction<String> heads, long bodySize, long answerSize, boolean countBytes) {}

  Load(String name, int port, int connectionCount, Work work) {
    this.name = name;
    this.heads = work.heads;
    this.bodySize = work.bodySize;
    this.answerSize = work.answerSize;
    this.countBytes = work.countBytes;
    for (int i = 0; i < connectionCount; i++) {
      connections.add(new Connection(port));
    }
  }

  @Override
  public String name() {
    return name;
  }

  /**
   * Mostly over two connections: with all of them a server on few processors is so busy that its
   * compiler falls behind for minutes.
   */
  @Override
  public void warmUp(Duration time) throws Exception {
    load(
        connections.subList(0, Math.min(2, connections.size())), time.multipliedBy(3).dividedBy(4));
    load(connections, time.dividedBy(4));
  }

  @Override
  public Measured run(Duration time) throws Exception {
    return load(connections, time);
  }

  private Measured load(List<Connection> used, Duration time) throws Exception {
    Histogram all = new Histogram(LONGEST_NANOS, 3);
    long begin = System.nanoTime();
    long end = begin + time.toNanos();
    List<Future<Histogram>> futures = new ArrayList<>();
    for (Connection connection : used) {
      futures.add(executor.submit(() -> loop(connection, end)));
    }
    for (Future<Histogram> future : futures) {
      all.add(future.get());
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    double each = countBytes ? Math.max(bodySize, answerSize) : 1;
    return new Measured(
        all.getTotalCount() * each / seconds,
        all.getValueAtPercentile(50) / 1e3,
        all.getValueAtPercentile(99) / 1e3);
  }

  /** Sends exactly so many requests over one connection, to make what will be read. */
  void prepare(long count) throws Exception {
    for (long i = 0; i < count; i++) {
      once(connections.get(0));
    }
    numbers.set(0);
  }

  private Histogram loop(Connection connection, long end) throws Exception {
    Histogram times = new Histogram(LONGEST_NANOS, 3);
    // A server closes what is idle while others have their turn.
    connection.close();
    do {
      long begin = System.nanoTime();
      once(connection);
      times.recordValue(Math.min(LONGEST_NANOS, System.nanoTime() - begin));
    } while (System.nanoTime() < end);
    return times;
  }

  private void once(Connection connection) throws Exception {
    long size = connection.exchange(heads.apply(numbers.getAndIncrement()), bodySize);
    if (answerSize >= 0 && size != answerSize) {
      throw new IllegalStateException(name + " answered " + size + " bytes, not " + answerSize);
    }
  }

  @Override
  public void close() throws IOException {
    executor.shutdown();
    for (Connection connection : connections) {
      connection.close();
    }
  }
}
