package io.datawarehouse.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SendWatchTest {

  private static final BodyLimits BODIES =
      new BodyLimits(Duration.ofSeconds(30), 0, Duration.ofSeconds(60));
  private static final int SOME = 8192;
  private static final byte[] BYTES = new byte[SendWatch.PIECE];

  private final ManualTicks ticks =
      new ManualTicks(
          BODIES, new SendWatch.Limits(1024, Duration.ofSeconds(60), Duration.ofSeconds(2), 1));

  @AfterEach
  void stop() {
    ticks.close();
  }

  /** The connection of a client. */
  private static final class Line implements ConnectionSwitch {
    private final Runnable closing;
    private boolean broken;
    private long unsent;
    private Duration wait = Duration.ZERO;

    Line() {
      this(() -> {});
    }

    Line(Runnable closing) {
      this.closing = closing;
    }

    @Override
    public void closeNow() {
      closing.run();
      broken = true;
    }

    @Override
    public void closeAfterwards() {
      throw new AssertionError("nothing comes afterwards");
    }

    @Override
    public long unsent() {
      return unsent;
    }

    @Override
    public void allowWait(Duration longest) {
      wait = longest;
    }

    @Override
    public void allowUsualWait() {
      wait = Duration.ZERO;
    }
  }

  /** What happens while a client takes bytes. */
  private interface Taking {
    void happens() throws IOException;
  }

  /** A client for whom something happens with every few bytes that it takes. */
  private static final class Client extends OutputStream {
    private final Taking taking;

    Client(Taking taking) {
      this.taking = taking;
    }

    @Override
    public void write(int value) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
      for (int at = 0; at < length; at += SOME) {
        taking.happens();
      }
    }
  }

  @Test
  void cutsOffAClientBelowTheLeastRate() throws IOException {
    Line line = new Line();
    SendWatch.Sending sending = begin(line);
    Client client = new Client(() -> passAndLook(Duration.ofSeconds(20)));

    sending.write(client, BYTES, 1000);
    sending.write(client, BYTES, 1000);
    assertThat(line.broken).isFalse();

    assertThatThrownBy(() -> sending.write(client, BYTES, 1000)).hasMessageContaining("slowly");
    assertThat(line.broken).isTrue();
    assertThat(closed("rate")).isEqualTo(1);
  }

  @Test
  void judgesEachGraceByItself() throws IOException {
    Line line = new Line();
    SendWatch.Sending sending = begin(line);
    Client quick = new Client(() -> {});
    for (int i = 0; i < 1000; i++) {
      sending.write(quick, BYTES, BYTES.length);
    }
    Client slow = new Client(() -> passAndLook(Duration.ofSeconds(61)));
    sending.write(slow, BYTES, 1);
    assertThat(line.broken).isFalse();

    assertThatThrownBy(() -> sending.write(slow, BYTES, 1)).hasMessageContaining("slowly");
    assertThat(line.broken).isTrue();
  }

  @Test
  void leavesAClientAloneThatKeepsTheRate() throws IOException {
    Line line = new Line();
    SendWatch.Sending sending = begin(line);
    Client client = new Client(() -> passAndLook(Duration.ofSeconds(7)));

    for (int i = 0; i < 30; i++) {
      sending.write(client, BYTES, SOME);
    }

    assertThat(line.broken).isFalse();
    assertThat(closed("rate")).isZero();
  }

  @Test
  void countsTheBytesThatASlowClientTakesOfALargePiece() throws IOException {
    Line line = new Line();
    SendWatch.Sending sending = begin(line);
    sending.write(new Client(() -> passAndLook(Duration.ofSeconds(3))), BYTES, BYTES.length);
    Client client = new Client(() -> passAndLook(Duration.ofSeconds(7)));

    sending.write(client, BYTES, BYTES.length);
    sending.write(client, BYTES, BYTES.length);

    assertThat(line.broken).isFalse();
  }

  @Test
  void countsTheBytesThatAClientTakesOfTheFirstPieceForWhichItIsWaitedFor() throws IOException {
    Line line = new Line();
    line.unsent = 3 * SendWatch.PIECE;
    SendWatch.Sending sending = begin(line);
    Client client =
        new Client(
            () -> {
              line.unsent -= SOME;
              passAndLook(Duration.ofSeconds(7));
            });

    sending.write(client, BYTES, BYTES.length);
    assertThat(line.broken).isFalse();

    Client stuck = new Client(() -> passAndLook(Duration.ofSeconds(61)));
    assertThatThrownBy(() -> sending.write(stuck, BYTES, 1)).hasMessageContaining("slowly");
    assertThat(closed("rate")).isEqualTo(1);
  }

  @Test
  void letsWritesWaitUntilTheWatchHasJudgedThem() throws IOException {
    Line line = new Line();
    try (SendWatch.Sending sending = begin(line)) {
      assertThat(line.wait).isEqualTo(Duration.ofSeconds(2 * (60 + 128)));
      sending.write(new Client(() -> {}), BYTES, SOME);
    }
    assertThat(line.wait).as("the usual wait").isZero();
  }

  @Test
  void boundsTheWaitOfWritesForAnyRate() {
    assertThat(waitFor(0)).isEqualTo(Duration.ofDays(1));
    assertThat(waitFor(1)).isEqualTo(Duration.ofDays(1));
    assertThat(waitFor(Long.MAX_VALUE)).isEqualTo(Duration.ofSeconds(120));
  }

  private static Duration waitFor(long rate) {
    return new SendWatch.Limits(rate, Duration.ofSeconds(60), Duration.ofSeconds(2), 1)
        .longestWait();
  }

  @Test
  void looksOnWhereAConnectionCannotBeClosed() {
    Line bad =
        new Line(
            () -> {
              throw new IllegalStateException("no such connection");
            });
    SendWatch.Sending first = begin(bad);
    assertThatThrownBy(
            () -> first.write(new Client(() -> passAndLook(Duration.ofSeconds(61))), BYTES, 1))
        .hasMessageContaining("slowly");

    Line good = new Line();
    SendWatch.Sending second = begin(good);
    assertThatThrownBy(
            () -> second.write(new Client(() -> passAndLook(Duration.ofSeconds(61))), BYTES, 1))
        .hasMessageContaining("slowly");
    assertThat(good.broken).isTrue();
  }

  @Test
  void endsAContentOnlyWhenItsConnectionWasClosedIfItIs() throws Exception {
    AtomicReference<Thread> ending = new AtomicReference<>();
    AtomicReference<Thread.State> seen = new AtomicReference<>();
    Line line =
        new Line(
            () -> {
              Thread other = ending.get();
              other.start();
              Awaitility.await()
                  .until(
                      () ->
                          other.getState() == Thread.State.BLOCKED
                              || other.getState() == Thread.State.TERMINATED);
              seen.set(other.getState());
            });
    SendWatch.Sending sending = begin(line);
    ending.set(new Thread(sending::close));

    assertThatThrownBy(
            () -> sending.write(new Client(() -> passAndLook(Duration.ofSeconds(61))), BYTES, 1))
        .hasMessageContaining("slowly");
    ending.get().join();

    assertThat(seen).hasValue(Thread.State.BLOCKED);
    assertThat(line.broken).isTrue();
  }

  @Test
  void blamesNoClientForTheTimeThatTheStoreTakes() throws IOException {
    Line line = new Line();
    SendWatch.Sending sending = begin(line);
    Client quick = new Client(() -> {});

    for (int i = 0; i < 10; i++) {
      sending.write(quick, BYTES, 10);
      passAndLook(Duration.ofSeconds(100));
    }

    assertThat(line.broken).isFalse();
  }

  @Test
  void cutsOffTheSlowestWhereTooManyAreSlow() throws IOException {
    Line first = new Line();
    Line second = new Line();
    Line quick = new Line();
    SendWatch.Sending slowest = begin(first);
    SendWatch.Sending slow = begin(second);
    SendWatch.Sending third = begin(quick);
    third.write(new Client(() -> {}), BYTES, SOME);

    Client client =
        new Client(
            () -> {
              passAndLook(Duration.ofSeconds(2));
              assertThat(first.broken).as("one may be slow").isFalse();
              slow.write(new Client(() -> passAndLook(Duration.ofSeconds(2))), BYTES, SOME);
            });
    assertThatThrownBy(() -> slowest.write(client, BYTES, SOME)).hasMessageContaining("slowly");

    assertThat(first.broken).isTrue();
    assertThat(second.broken).isFalse();
    assertThat(quick.broken).isFalse();
    assertThat(closed("crowd")).isEqualTo(1);
    assertThat(ticks.metrics().gauge("http.slow.readers")).isEqualTo(1);
  }

  @Test
  void forgetsWhoHasAll() throws IOException {
    Line first = new Line();
    Client client = new Client(() -> passAndLook(Duration.ofSeconds(3)));
    try (SendWatch.Sending sending = begin(first)) {
      sending.write(client, BYTES, SOME);
    }
    Line second = new Line();
    begin(second).write(client, BYTES, SOME);

    assertThat(first.broken).isFalse();
    assertThat(second.broken).isFalse();
  }

  @Test
  void endsAContentWhoseConnectionNothingElseCanClose() throws IOException {
    SendWatch.Sending sending = ticks.watch().sends().begin(null);
    Client client = new Client(() -> passAndLook(Duration.ofSeconds(61)));

    assertThatThrownBy(() -> sending.write(client, BYTES, 10)).hasMessageContaining("slowly");
  }

  private SendWatch.Sending begin(Line line) {
    return ticks.watch().sends().begin(line);
  }

  private void passAndLook(Duration time) {
    ticks.pass(time);
    ticks.look();
  }

  private double closed(String why) {
    return ticks.metrics().count("http.slow.readers.closed", Map.of("why", why));
  }
}
