package io.datawarehouse.kernel.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedNotesTest {

  private static final byte[] NOTE = "10.0.0.1 port 7800".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path directory;
  private TrustFixture fixture;
  private JoinToken token;
  private TrustFixture.Node one;
  private TrustFixture.Node two;

  @BeforeEach
  void makeTwoNodes() {
    fixture = new TrustFixture(directory);
    token = fixture.token();
    one = fixture.node("one", token);
    two = fixture.node("two", token);
  }

  private SealedNotes notes(TrustFixture.Node node) {
    return notes(node, TrustFixture.CLUSTER);
  }

  private SealedNotes notes(TrustFixture.Node node, String cluster) {
    return new SealedNotes(cluster, node.tokens, fixture.clock, fixture.random);
  }

  @Test
  void nodesOfTheClusterReadWhatNobodyElseReads() {
    byte[] sealed = notes(one).seal(NOTE);

    assertThat(notes(two).open(sealed)).contains(NOTE);
    assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("10.0", "port");
    assertThat(notes(one).seal(NOTE)).as("the next time").isNotEqualTo(sealed);
    TrustFixture.Node stranger = fixture.node("stranger", fixture.token());
    assertThat(notes(stranger).open(sealed)).isEmpty();
    assertThat(notes(two, "another cluster").open(sealed)).isEmpty();
  }

  @Test
  void noteIsGoodForTwoMinutes() {
    byte[] sealed = notes(one).seal(NOTE);

    fixture.clock.advance(Duration.ofMinutes(2));
    assertThat(notes(two).open(sealed)).contains(NOTE);
    fixture.clock.advance(Duration.ofMillis(1));
    assertThat(notes(two).open(sealed)).isEmpty();
    fixture.clock.advance(Duration.ofMinutes(-5));
    assertThat(notes(two).open(sealed)).as("of a later time").isEmpty();
  }

  @Test
  void nodesUnderstandEachOtherWhileTokensAreReplaced() {
    JoinToken fresh = fixture.token();
    SealedNotes ofOne = notes(one);
    SealedNotes ofTwo = notes(two);

    one.holds(fresh, token);
    assertThat(ofTwo.open(ofOne.seal(NOTE))).contains(NOTE);
    assertThat(ofOne.open(ofTwo.seal(NOTE))).contains(NOTE);
    two.holds(fresh);
    assertThat(ofTwo.open(ofOne.seal(NOTE))).contains(NOTE);
    assertThat(ofOne.open(ofTwo.seal(NOTE))).contains(NOTE);
    one.holds(token);
    assertThat(ofTwo.open(ofOne.seal(NOTE))).isEmpty();
  }

  @Test
  void whatWasChangedOrMadeUpIsNoNote() {
    long seed = 20_260_104;
    Random fuzz = new Random(seed);
    byte[] good = notes(one).seal(NOTE);
    for (int round = 0; round < 500; round++) {
      byte[] bytes = new byte[fuzz.nextInt(2 * SealedNotes.LONGEST_SEALED)];
      fuzz.nextBytes(bytes);
      byte[] changed = good.clone();
      changed[fuzz.nextInt(changed.length)] ^= (byte) (1 + fuzz.nextInt(255));

      assertThat(notes(two).open(bytes)).as("seed %d, round %d", seed, round).isEmpty();
      assertThat(notes(two).open(changed)).as("seed %d, round %d", seed, round).isEmpty();
    }
  }

  @Test
  void notesAreShort() {
    assertThat(notes(one).seal(new byte[SealedNotes.LONGEST]).length)
        .isLessThanOrEqualTo(SealedNotes.LONGEST_SEALED);
    assertThatThrownBy(() -> notes(one).seal(new byte[SealedNotes.LONGEST + 1]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> notes(one).seal(new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
