package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.peer.PeerAddress;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.testkit.message.MessageBusContract;
import io.datawarehouse.testkit.network.NetworkEmulator;
import io.datawarehouse.testkit.network.NetworkEmulator.Conditions;
import io.datawarehouse.testkit.network.NetworkEmulator.Line;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInfo;

/**
 * The same contract over a network that delays the streams differently, so that they overtake each
 * other, drops every connection between what is registered and what is sent, and one now and then
 * while messages are under way that must come through.
 */
class EmulatedBusContractTest extends MessageBusContract {

  private static final int BREAKS_ONE_IN = 15;

  private final long seed = Long.getLong("dw.test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final NetworkEmulator network = new NetworkEmulator(seed);
  private final List<Line> lines = new CopyOnWriteArrayList<>();
  private final Lab lab = Lab.of(plan -> plan.detour = this::detour, "a", "b", "c");

  private int broken;

  private PeerAddress detour(PeerAddress address) {
    Line line = network.line(address.host(), address.port());
    line.conditions(Conditions.delay(Duration.ZERO, Duration.ofMillis(4)));
    lines.add(line);
    return new PeerAddress(address.node(), "127.0.0.1", line.port());
  }

  @Override
  protected MessageBus sender() {
    return lab.node("a").view("sender");
  }

  @Override
  protected MessageBus receiver() {
    return lab.node("b").view("receiver");
  }

  @Override
  protected void settle() {
    lab.breakLinks(() -> lines.forEach(Line::breakConnections));
    Lab.eventually(
        () ->
            lab.nodes().stream()
                .allMatch(
                    node -> node.directory.snapshot().sameAs(lab.node("b").directory.snapshot())));
  }

  /** Breaks one line, so that what is on it is lost, once in a while. */
  @Override
  protected void disturb() {
    if (random.nextInt(BREAKS_ONE_IN) == 0) {
      lines.get(random.nextInt(lines.size())).breakConnections();
      broken++;
    }
  }

  @AfterEach
  void close(TestInfo test) {
    System.out.println(
        test.getDisplayName() + ": seed " + seed + ", " + broken + " times broken under way");
    lab.close();
    network.close();
  }
}
