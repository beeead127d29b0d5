package io.datawarehouse.benchmarks.peers;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * What runs in the two processes of a peer, and is the same for all: {@code serve} answers until
 * its input ends; {@code ask PLACE} does a round for each line of its input, {@code BYTES IN_FLIGHT
 * MILLIS}, and prints the rate, the median and the 99th percentile of the times in microseconds,
 * and how many requests it were. So many requests are under way; each answer sends the next one
 * from the thread that brought it.
 */
public final class PeerProgram {

  /** How a line begins that says that the program is ready; the place follows where it answers. */
  static final String READY = "READY ";

  /** How a line begins with the rate and the times of a round. */
  static final String RESULT = "RESULT ";

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final long LONGEST_NANOS = 60_000_000_000L;

  private PeerProgram() {}

  /** Runs one of the two programs and ends the process. */
  public static void run(Peer peer, String... arguments) {
    int exit = 1;
    try {
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      if (arguments[0].equals("serve")) {
        System.out.println(READY + peer.serve());
        while (lines.readLine() != null) {
          // The benchmark ends, and with it this stream.
        }
      } else {
        peer.connect(arguments[1], LIMIT);
        System.out.println(READY);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          int[] round = Arrays.stream(line.split(" ", -1)).mapToInt(Integer::parseInt).toArray();
          System.out.println(RESULT + round(peer, round[0], round[1], round[2]));
        }
      }
      exit = 0;
    } catch (Throwable e) {
      // Errors, too: whoever waits for a result must see that there will be none.
      e.printStackTrace();
    } finally {
      // Whatever threads the peer has left.
      Runtime.getRuntime().halt(exit);
    }
  }

  private static String round(Peer peer, int bytes, int inFlight, int millis)
      throws InterruptedException {
    byte[] payload = new byte[bytes];
    new Random(1).nextBytes(payload);
    Run run = new Run(peer, payload, inFlight);
    long begin = System.nanoTime();
    for (int i = 0; i < inFlight; i++) {
      run.next();
    }
    Thread.sleep(millis);
    double seconds = (System.nanoTime() - begin) / 1e9;
    long answered = run.answered.get();
    run.stop.set(true);
    run.ended.await();
    if (run.failure.get() != null) {
      throw new IllegalStateException("a request failed", run.failure.get());
    }
    Histogram times = run.times;
    return String.format(
        Locale.ROOT,
        "%.1f %.1f %.1f %d",
        answered / seconds,
        times.getValueAtPercentile(50) / 1e3,
        times.getValueAtPercentile(99) / 1e3,
        times.getTotalCount());
  }

  private static final class Run {
    private final Peer peer;
    private final Object payload;
    private final int length;
    private final AtomicLong answered = new AtomicLong();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Histogram times = new ConcurrentHistogram(LONGEST_NANOS, 3);
    private final CountDownLatch ended;

    Run(Peer peer, byte[] payload, int inFlight) {
      this.peer = peer;
      this.payload = peer.payloadOf(payload);
      this.length = payload.length;
      this.ended = new CountDownLatch(inFlight);
    }

    void next() {
      long begin = System.nanoTime();
      peer.ask(payload, (bytes, thrown) -> answered(begin, bytes, thrown));
    }

    private void answered(long begin, int bytes, Throwable thrown) {
      times.recordValue(Math.min(LONGEST_NANOS, System.nanoTime() - begin));
      answered.incrementAndGet();
      if (thrown != null) {
        failure.compareAndSet(null, thrown);
      } else if (bytes != length) {
        failure.compareAndSet(null, new IllegalStateException("an answer of another length"));
      }
      if (stop.get() || failure.get() != null) {
        ended.countDown();
      } else {
        next();
      }
    }
  }
}
