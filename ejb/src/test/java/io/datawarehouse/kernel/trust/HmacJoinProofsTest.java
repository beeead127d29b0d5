package io.datawarehouse.kernel.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.trust.JoinProofs.Verdict;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HmacJoinProofsTest {

  private static final String FROM = "10.0.0.1:7800";
  private static final Duration TOLERANCE = HmacJoinProofs.STANDARD_TOLERANCE;

  @TempDir Path directory;
  private TrustFixture fixture;
  private JoinToken token;
  private TrustFixture.Node one;
  private TrustFixture.Node two;

  @BeforeEach
  void makeTwoNodes() {
    fixture = new TrustFixture(directory);
    token = fixture.token();
    one = fixture.node("node-1", token);
    two = fixture.node("node-2", token);
  }

  @Test
  void aProofIsAcceptedAndNamesItsMaker() {
    assertThat(two.proofs.verify("bus", one.proofs.mint("bus"), FROM))
        .isEqualTo(new Verdict.Accepted(new NodeId("node-1"), 1));
    assertThat(two.audit.recent()).isEmpty();
  }

  @Test
  void theLongestProofFits() {
    JoinToken[] tokens = {fixture.token(), fixture.token(), fixture.token(), fixture.token()};
    String cluster = "\u20ac".repeat(100);
    String node = "n".repeat(64);
    TrustFixture.Node maker = fixture.new Node(node, cluster, Long.MAX_VALUE, tokens);
    TrustFixture.Node judge = fixture.new Node("judge", cluster, 1, tokens[3]);

    String proof = maker.proofs.mint("p".repeat(40));

    assertThat(proof.length()).isLessThanOrEqualTo(1024);
    assertThat(judge.proofs.verify("p".repeat(40), proof, FROM))
        .isEqualTo(new Verdict.Accepted(new NodeId(node), Long.MAX_VALUE));
  }

  @Test
  void aProofIsGoodOnce() {
    String proof = one.proofs.mint("bus");
    two.proofs.verify("bus", proof, FROM);

    assertRefused(two.proofs.verify("bus", proof, "10.6.6.6:1"), Refusal.REPLAYED, 1);
    assertRefused(two.proofs.verify("bus", proof, "10.6.6.6:2"), Refusal.REPLAYED, 2);
    assertThat(two.audit.recent())
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.what()).isEqualTo("join");
              assertThat(entry.from()).isEqualTo("10.6.6.6:1");
              assertThat(entry.reason()).isEqualTo("refused node node-1: it was used before");
              assertThat(entry.times()).isEqualTo(2);
            });
  }

  @Test
  void ofManyThatShowOneProofAtOnceOneIsLetIn() throws Exception {
    int threads = 4;
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      for (int round = 0; round < 50; round++) {
        String proof = one.proofs.mint("bus");
        CyclicBarrier start = new CyclicBarrier(threads);
        List<Future<Verdict>> verdicts = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
          verdicts.add(
              executor.submit(
                  () -> {
                    start.await(60, TimeUnit.SECONDS);
                    return two.proofs.verify("bus", proof, FROM);
                  }));
        }
        int accepted = 0;
        for (Future<Verdict> verdict : verdicts) {
          accepted += verdict.get(60, TimeUnit.SECONDS) instanceof Verdict.Accepted ? 1 : 0;
        }
        assertThat(accepted).isEqualTo(1);
      }
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void anotherPurposeIsRefused() {
    assertRefused(
        two.proofs.verify("jgroups", one.proofs.mint("bus"), FROM), Refusal.WRONG_PURPOSE, 1);
  }

  @Test
  void anotherClusterIsRefusedThoughItHasTheSameToken() {
    TrustFixture.Node other = fixture.new Node("node-3", "archive", 1, token);

    assertRefused(
        two.proofs.verify("bus", other.proofs.mint("bus"), FROM), Refusal.WRONG_CLUSTER, 1);
  }

  @Test
  void anotherTokenIsRefusedAndNothingOfItIsBelieved() {
    TrustFixture.Node stranger = fixture.node("node-1", fixture.token());

    assertRefused(two.proofs.verify("bus", stranger.proofs.mint("bus"), FROM), Refusal.FORGED, 1);
    assertThat(two.audit.recent())
        .singleElement()
        .extracting(AuditLog.Entry::reason)
        .asString()
        .doesNotContain("node-1");
  }

  @Test
  void aProofIsGoodAsLongAsClocksMayDiffer() {
    String proof = one.proofs.mint("bus");
    String later = one.proofs.mint("bus");
    fixture.clock.advance(TOLERANCE);
    assertThat(two.proofs.verify("bus", proof, FROM)).isInstanceOf(Verdict.Accepted.class);

    fixture.clock.advance(Duration.ofMillis(1));
    assertRefused(two.proofs.verify("bus", later, FROM), Refusal.EXPIRED, 1);
  }

  @Test
  void aProofFromTheFutureIsRefused() {
    fixture.clock.advance(TOLERANCE.plusMillis(1));
    String proof = one.proofs.mint("bus");
    String nearer = one.proofs.mint("bus");
    fixture.clock.advance(TOLERANCE.plusMillis(1).negated());
    assertRefused(two.proofs.verify("bus", proof, FROM), Refusal.NOT_YET_VALID, 1);

    fixture.clock.advance(Duration.ofMillis(1));
    assertThat(two.proofs.verify("bus", nearer, FROM)).isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void aClockThatGoesBackMakesNoUsedProofGoodAgain() {
    String proof = one.proofs.mint("bus");
    two.proofs.verify("bus", proof, FROM);
    fixture.clock.advance(TOLERANCE.plusSeconds(1));
    two.proofs.verify("bus", one.proofs.mint("bus"), FROM);
    fixture.clock.advance(TOLERANCE.negated());

    assertThat(two.proofs.verify("bus", proof, FROM)).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void anEarlierRunIsRefusedOnceALaterOneWasSeen() {
    TrustFixture.Node later = fixture.new Node("node-1", TrustFixture.CLUSTER, 2, token);
    String early = one.proofs.mint("bus");
    assertThat(two.proofs.verify("bus", later.proofs.mint("bus"), FROM))
        .isEqualTo(new Verdict.Accepted(new NodeId("node-1"), 2));

    assertRefused(two.proofs.verify("bus", early, FROM), Refusal.OLD_INCARNATION, 1);
    assertThat(two.proofs.verify("bus", later.proofs.mint("bus"), FROM))
        .isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void everyChangedBitIsRefused() {
    String proof = one.proofs.mint("bus");
    for (int at = 0; at < proof.length(); at++) {
      char changed = proof.charAt(at) == 'A' ? 'B' : 'A';
      if (at == proof.length() - 1 || at == proof.lastIndexOf('.') - 1) {
        continue; // Some bits of the last character of a part stand for nothing.
      }
      String tampered = proof.substring(0, at) + changed + proof.substring(at + 1);
      assertThat(two.proofs.verify("bus", tampered, FROM))
          .as("character %d", at)
          .isInstanceOf(Verdict.Refused.class);
    }
    assertThat(two.proofs.verify("bus", proof, FROM)).isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void unusedBitsOfTheTextMakeNoSecondProof() {
    String proof = one.proofs.mint("bus");
    two.proofs.verify("bus", proof, FROM);

    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (char last : alphabet.toCharArray()) {
      assertThat(two.proofs.verify("bus", proof.substring(0, proof.length() - 1) + last, FROM))
          .isInstanceOf(Verdict.Refused.class);
    }
    assertThat(two.proofs.verify("bus", proof + "." + "A".repeat(43), FROM))
        .isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void garbageIsRefusedWithoutAnError() {
    long seed = 20_260_101;
    Random random = new Random(seed);
    String good = one.proofs.mint("bus");
    for (int round = 0; round < 2_000; round++) {
      String garbage =
          switch (round % 4) {
            case 0 -> noise(random, random.nextInt(1_200));
            case 1 -> "dwp1." + noise(random, random.nextInt(300)) + "." + noise(random, 43);
            case 2 -> good.substring(0, random.nextInt(good.length()));
            default -> {
              int at = random.nextInt(good.length() - 2);
              yield good.substring(0, at) + noise(random, 3) + good.substring(at + 2);
            }
          };
      assertThat(two.proofs.verify("bus", garbage, noise(random, 40)))
          .as("seed %d, round %d", seed, round)
          .isInstanceOf(Verdict.Refused.class);
    }
    assertThat(two.refusedProofs(Refusal.MALFORMED) + two.refusedProofs(Refusal.FORGED))
        .isEqualTo(2_000);
    assertThat(two.proofs.verify("bus", good, FROM)).isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void tokensAreReplacedOnOneNodeAfterTheOther() {
    JoinToken fresh = fixture.token();

    one.holds(fresh, token);
    assertUnderstandEachOther();
    two.holds(fresh, token);
    assertUnderstandEachOther();
    one.holds(fresh);
    assertUnderstandEachOther();
    two.holds(fresh);
    assertUnderstandEachOther();

    TrustFixture.Node left = fixture.node("left", token);
    assertRefused(two.proofs.verify("bus", left.proofs.mint("bus"), FROM), Refusal.FORGED, 1);
  }

  @Test
  void aPurposeThatIsTooLongIsNotProven() {
    assertThatThrownBy(() -> one.proofs.mint("p".repeat(41)))
        .isInstanceOf(WarehouseException.class);
    assertThatThrownBy(() -> one.proofs.mint("")).isInstanceOf(WarehouseException.class);
  }

  private void assertUnderstandEachOther() {
    assertThat(two.proofs.verify("bus", one.proofs.mint("bus"), FROM))
        .isInstanceOf(Verdict.Accepted.class);
    assertThat(one.proofs.verify("bus", two.proofs.mint("bus"), FROM))
        .isInstanceOf(Verdict.Accepted.class);
  }

  private void assertRefused(Verdict verdict, Refusal refusal, int times) {
    assertThat(verdict).isEqualTo(new Verdict.Refused(refusal.words()));
    assertThat(two.refusedProofs(refusal)).isEqualTo(times);
  }

  private static String noise(Random random, int length) {
    StringBuilder noise = new StringBuilder();
    for (int i = 0; i < length; i++) {
      noise.append(
          (char) (random.nextInt(20) == 0 ? random.nextInt(0x10000) : ' ' + random.nextInt(95)));
    }
    return noise.toString();
  }
}
