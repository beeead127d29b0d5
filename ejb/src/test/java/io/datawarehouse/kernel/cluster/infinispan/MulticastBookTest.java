package io.datawarehouse.kernel.cluster.infinispan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.kernel.trust.AuditLog;
import io.datawarehouse.kernel.trust.JoinProofs;
import io.datawarehouse.kernel.trust.JoinTokens;
import io.datawarehouse.kernel.trust.SealedNotes;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.kernel.MapSecrets;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MulticastBookTest {

  private static final int PORT = 46_713;

  @TempDir Path directory;

  private final RecordingMetrics metrics = new RecordingMetrics();
  private final AtomicLong ahead = new AtomicLong();
  private final List<MulticastBook> books = new ArrayList<>();

  @AfterEach
  void close() {
    books.forEach(MulticastBook::clear);
  }

  private MulticastBook book(String token) throws UnknownHostException {
    SecureRandom random = new SecureRandom();
    Clock clock = Clock.systemUTC();
    Path file = directory.resolve(token);
    JoinTokens.make(file, random);
    JoinTokens tokens =
        JoinTokens.open(
            new JoinTokens.Options(
                file,
                false,
                new MapSecrets(),
                random,
                clock,
                new AuditLog(clock, AuditLog.Options.standard())));
    SealedNotes notes = new SealedNotes("test", tokens, clock, random);
    MulticastBook book =
        new MulticastBook(
            new Discovery.Multicast(InetAddress.getByName("239.6.7.11"), PORT, 0),
            TestNode.loopback(1),
            notes,
            new Surroundings(
                new Nobody(),
                notes,
                clock,
                () -> System.nanoTime() + ahead.get(),
                task -> {
                  Thread thread = new Thread(task, "book");
                  thread.setDaemon(true);
                  return thread;
                },
                metrics,
                () -> true,
                MulticastBookTest.class.getClassLoader()));
    books.add(book);
    return book;
  }

  /** Nobody joins here. */
  private static final class Nobody implements JoinProofs {
    @Override
    public String mint(String purpose) {
      throw new AssertionError("nobody joins");
    }

    @Override
    public Verdict verify(String purpose, String proof, String from) {
      return new Verdict.Accepted(new NodeId("nobody"), 1);
    }
  }

  private static InetSocketAddress place(int port) {
    return new InetSocketAddress(TestNode.loopback(1), port);
  }

  /** An answer may come after a reading is over; the next one has it. */
  private static void awaitReading(MulticastBook book, InetSocketAddress... places) {
    await()
        .atMost(TestNode.LIMIT)
        .untilAsserted(() -> assertThat(book.read()).containsExactlyInAnyOrder(places));
  }

  @Test
  void whoAsksAndWhoAnswersKnowEachOtherUntilOneIsSilentForAMinute() throws IOException {
    MulticastBook one = book("token");
    MulticastBook two = book("token");
    one.write(place(1));
    two.write(place(2));

    awaitReading(one, place(1), place(2));
    awaitReading(two, place(1), place(2));

    two.clear();
    ahead.set(Duration.ofSeconds(61).toNanos());
    assertThat(one.read()).containsExactly(place(1));
    assertThat(one.complete()).isFalse();
  }

  @Test
  void whoHasAnotherTokenIsNeitherHeardNorAnsweredButCounted() throws IOException {
    MulticastBook one = book("token");
    MulticastBook stranger = book("another-token");
    one.write(place(1));
    stranger.write(place(2));

    assertThat(stranger.read()).containsExactly(place(2));
    await()
        .atMost(TestNode.LIMIT)
        .until(() -> metrics.count("cluster.discovery.strange", Map.of()) >= 1);
    assertThat(one.read()).containsExactly(place(1));
  }

  @Test
  void bookThatWasClosedListensAgain() throws IOException {
    MulticastBook one = book("token");
    MulticastBook two = book("token");
    one.write(place(1));
    one.clear();
    one.write(place(3));
    two.write(place(2));

    awaitReading(two, place(2), place(3));
  }
}
