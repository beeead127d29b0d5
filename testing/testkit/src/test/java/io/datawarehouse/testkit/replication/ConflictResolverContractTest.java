package io.datawarehouse.testkit.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.replication.Conflict;
import io.datawarehouse.sdk.replication.ConflictResolver;
import io.datawarehouse.sdk.replication.Resolution;
import io.datawarehouse.sdk.replication.Sibling;
import io.datawarehouse.sdk.replication.SiblingContents;
import io.datawarehouse.testkit.contract.BrokenContracts;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The contract notices what resolvers do wrong. */
class ConflictResolverContractTest {

  /** Decides, wrongly in some way. */
  private interface Decision {
    Resolution resolve(Conflict conflict, SiblingContents contents);
  }

  private static Decision decision = SampleResolvers.lines()::resolve;

  static class OfBroken extends ConflictResolverContract {
    @Override
    protected ConflictResolver resolver() {
      return new ConflictResolver() {
        @Override
        public String strategyName() {
          return "broken";
        }

        @Override
        public Resolution resolve(Conflict conflict, SiblingContents contents) {
          return decision.resolve(conflict, contents);
        }
      };
    }
  }

  @Test
  void soundResolverIsNotAccused() {
    assertThat(failures(SampleResolvers.lines()::resolve)).isEmpty();
    assertThat(failures((conflict, contents) -> new Resolution.KeepAll("nobody knows"))).isEmpty();
  }

  @Test
  void chanceIsNoticed() {
    AtomicInteger turn = new AtomicInteger();
    assertThat(
            failures(
                (conflict, contents) ->
                    new Resolution.Keep(
                        conflict
                            .siblings()
                            .get(turn.getAndIncrement() % conflict.siblings().size()),
                        "its turn")))
        .contains("decidesAlikeEverywhereWhateverTheOrderOfArrival", "askingTwiceChangesNothing");
  }

  @Test
  void choosingByTheNameOfTheNodeIsNoticedAsItDependsOnTheSteps() {
    assertThat(
            failures(
                (conflict, contents) -> new Resolution.Keep(conflict.siblings().get(0), "first")))
        .contains("severalStepsComeToWhatOneStepComesTo");
  }

  @Test
  void lossInAMergeIsNoticed() {
    assertThat(
            failures(
                (conflict, contents) -> {
                  Set<String> common = null;
                  for (Sibling sibling : conflict.siblings()) {
                    Set<String> lines =
                        contents.read(sibling).asUtf8().lines().collect(Collectors.toSet());
                    if (common == null) {
                      common = new TreeSet<>(lines);
                    } else {
                      common.retainAll(lines);
                    }
                  }
                  return merge(common);
                }))
        .contains("mergeLosesNoValue");
  }

  @Test
  void mergeOfWhatCouldBeReadIsNoticed() {
    assertThat(
            failures(
                (conflict, contents) -> {
                  Set<String> lines = new TreeSet<>();
                  for (Sibling sibling : conflict.siblings()) {
                    try {
                      contents.read(sibling).asUtf8().lines().forEach(lines::add);
                    } catch (WarehouseException e) {
                      lines.add("");
                    }
                  }
                  return merge(lines);
                }))
        .contains("contentThatCannotBeReadIsNeverGuessed");
  }

  @Test
  void winnerFromElsewhereAndSilenceAreNoticed() {
    assertThat(
            failures(
                (conflict, contents) -> {
                  Sibling one = conflict.siblings().get(0);
                  return new Resolution.Keep(
                      Versions.sibling(one.manifest(), "elsewhere", 9, conflict.seen()), " ");
                }))
        .contains("choosesAmongTheSiblingsAndSaysWhy");
  }

  private static Resolution merge(Set<String> lines) {
    return new Resolution.Merge(
        Bytes.utf8(String.join("\n", lines)), "text/plain", Map.of(), "lines");
  }

  private static Set<String> failures(Decision broken) {
    decision = broken;
    return BrokenContracts.failuresOf(OfBroken.class);
  }
}
