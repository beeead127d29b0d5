package io.datawarehouse.testkit.p2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.p2p.P2PNetwork;
import io.datawarehouse.sdk.p2p.Peer;
import io.datawarehouse.sdk.p2p.PeerMessage;
import io.datawarehouse.testkit.contract.Crowd;
import io.datawarehouse.testkit.contract.Eventually;
import io.datawarehouse.testkit.contract.Stages;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * What a {@link P2PNetwork} must do. Messages may get lost, so the tests send again until one has
 * arrived; what never may happen is that one arrives twice or not whole.
 */
public abstract class P2PNetworkContract {

  private static final NodeId STRANGER = new NodeId("never-heard-of");
  private static final String CHANNEL = "contract.chat";

  /** Returns the network as the first of two peers has it; the same object in one test. */
  protected abstract P2PNetwork first();

  /** Returns the network as the second peer has it; the same object in one test. */
  protected abstract P2PNetwork second();

  /** Lets a third peer join and returns its network. */
  protected abstract P2PNetwork joinThird();

  /**
   * Lets somebody of that name try to join who cannot prove who that is. Returns when the attempt
   * is over.
   */
  protected abstract void tryToJoinWithoutProof(NodeId name);

  /** Returns how long to wait for what has to happen soon; generous, as only a failure needs it. */
  protected Duration soon() {
    return Duration.ofSeconds(30);
  }

  @Test
  void peersFindEachOtherAndThemselvesAreNotAmongThem() {
    awaitPeers();

    assertThat(first().peers()).contains(second().self()).doesNotContain(first().self());
    assertThat(Stages.get(first().discover(Duration.ofSeconds(5)), soon()))
        .contains(second().self());
  }

  @Test
  void thirdPeerBecomesKnownAndListenersAreTold() {
    awaitPeers();
    AtomicInteger told = new AtomicInteger();
    Watch watch = first().watch(told::incrementAndGet);

    P2PNetwork third = joinThird();

    Eventually.is("the third is known", soon(), () -> first().peers().contains(third.self()));
    Eventually.is("the listener is told", soon(), () -> told.get() > 0);
    assertThat(first().peers()).extracting(Peer::id).isSorted();
    watch.close();
    watch.close();
  }

  @Test
  void whoCannotProveItselfIsNotLetIn() {
    awaitPeers();

    tryToJoinWithoutProof(STRANGER);

    Stages.get(first().discover(Duration.ofSeconds(1)), soon());
    assertThat(first().peers()).extracting(Peer::id).doesNotContain(STRANGER);
    assertThat(first().offer(STRANGER, message("x"))).isFalse();
  }

  @Test
  void messageArrivesWholeAndSaysWhoItIsFrom() {
    awaitPeers();
    Bytes largest = Bytes.copyOf(new byte[PeerMessage.MOST_BYTES]);
    List<Bytes> bodies = new CopyOnWriteArrayList<>();
    Set<NodeId> senders = ConcurrentHashMap.newKeySet();
    second()
        .receive(
            CHANNEL,
            (from, message) -> {
              bodies.add(message.body());
              senders.add(from);
            });

    Eventually.is(
        "a message arrives",
        soon(),
        () ->
            first().offer(second().self().id(), new PeerMessage(CHANNEL, largest))
                && !bodies.isEmpty());

    assertThat(bodies).containsOnly(largest);
    assertThat(senders).containsExactly(first().self().id());
  }

  @Test
  void messageArrivesAtMostOnce() {
    awaitPeers();
    List<String> arrived = new CopyOnWriteArrayList<>();
    second().receive(CHANNEL, (from, message) -> arrived.add(message.body().asUtf8()));

    for (int i = 0; i < 200; i++) {
      first().offer(second().self().id(), message("message " + i));
    }
    sendUntilHeard(first(), second(), "the end", arrived);

    assertThat(arrived).filteredOn(text -> text.startsWith("message")).doesNotHaveDuplicates();
  }

  @Test
  void channelHasOneReceiverAndCanBeHadAgain() {
    awaitPeers();
    List<String> heard = new CopyOnWriteArrayList<>();
    Watch watch = second().receive(CHANNEL, (from, message) -> heard.add("early"));

    assertThatThrownBy(() -> second().receive(CHANNEL, (from, message) -> heard.add("never")))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> {
              assertThat(e.code()).isEqualTo(StandardErrorCode.DUPLICATE_HANDLER);
              assertThat(e).hasMessageContaining(CHANNEL);
            });
    watch.close();
    watch.close();
    List<String> later = new CopyOnWriteArrayList<>();
    second().receive(CHANNEL, (from, message) -> later.add(message.body().asUtf8()));
    sendUntilHeard(first(), second(), "for the later one", later);
    assertThat(heard).doesNotContain("never");
  }

  @Test
  void whatNobodyReceivesIsDroppedAndChannelsAreKeptApart() {
    awaitPeers();
    List<String> arrived = new CopyOnWriteArrayList<>();
    second().receive(CHANNEL, (from, message) -> arrived.add(message.body().asUtf8()));

    for (int i = 0; i < 20; i++) {
      first().offer(second().self().id(), new PeerMessage("contract.other", Bytes.utf8("lost")));
    }
    sendUntilHeard(first(), second(), "the end", arrived);

    assertThat(arrived).containsOnly("the end");
  }

  @Test
  void receiverThatThrowsLosesItsMessageAlone() {
    awaitPeers();
    List<String> arrived = new CopyOnWriteArrayList<>();
    second()
        .receive(
            CHANNEL,
            (from, message) -> {
              if (message.body().asUtf8().equals("bad")) {
                throw new IllegalStateException("a broken receiver");
              }
              arrived.add(message.body().asUtf8());
            });

    for (int i = 0; i < 5; i++) {
      first().offer(second().self().id(), message("bad"));
    }

    sendUntilHeard(first(), second(), "good", arrived);
  }

  @Test
  void offeringNeverBlocksThoughTheReceiverDoes() throws InterruptedException {
    awaitPeers();
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch entered = new CountDownLatch(1);
    second()
        .receive(
            CHANNEL,
            (from, message) -> {
              entered.countDown();
              await(release);
            });
    try {
      Crowd.elsewhere(
          soon(),
          () -> {
            Eventually.is(
                "the receiver is busy",
                soon(),
                () -> {
                  first().offer(second().self().id(), message("x"));
                  return entered.getCount() == 0;
                });
            for (int i = 0; i < 2_000; i++) {
              first().offer(second().self().id(), message("more " + i));
            }
            return true;
          });
    } finally {
      release.countDown();
    }
    assertThat(entered.await(0, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void strangersGetNothing() {
    awaitPeers();

    assertThat(first().offer(STRANGER, message("x"))).isFalse();
    assertThat(first().federation(STRANGER)).isEmpty();
  }

  @Test
  void wayToAPeersContentIsAlwaysTheSame() {
    awaitPeers();
    NodeId peer = second().self().id();

    assertThat(first().federation(peer)).isPresent();
    assertThat(first().federation(peer).orElseThrow())
        .isSameAs(first().federation(peer).orElseThrow())
        .satisfies(node -> assertThat(node.nodeId()).isEqualTo(peer));
  }

  @Test
  void manyThreadsMaySendAtOnce() {
    awaitPeers();
    Set<String> arrived = ConcurrentHashMap.newKeySet();
    List<String> twice = Collections.synchronizedList(new CopyOnWriteArrayList<>());
    second()
        .receive(
            CHANNEL,
            (from, message) -> {
              if (!arrived.add(message.body().asUtf8())) {
                twice.add(message.body().asUtf8());
              }
            });

    Crowd.all(
        4,
        soon(),
        thread -> {
          for (int i = 0; i < 100; i++) {
            first().offer(second().self().id(), message(thread + ":" + i));
          }
          return thread;
        });

    Eventually.is(
        "something arrives",
        soon(),
        () -> {
          first().offer(second().self().id(), message("probe " + System.nanoTime()));
          return !arrived.isEmpty();
        });
    assertThat(twice).isEmpty();
  }

  private void awaitPeers() {
    Eventually.is(
        "the two know each other",
        soon(),
        () ->
            first().peers().contains(second().self()) && second().peers().contains(first().self()));
  }

  /** Sends as often as it takes. */
  private void sendUntilHeard(P2PNetwork from, P2PNetwork to, String text, List<String> arrived) {
    Eventually.is(
        "'" + text + "' arrives",
        soon(),
        () -> {
          from.offer(to.self().id(), message(text));
          return arrived.contains(text);
        });
  }

  private static PeerMessage message(String text) {
    return new PeerMessage(CHANNEL, Bytes.utf8(text));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
