package io.datawarehouse.testkit.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.replication.Sibling;
import io.datawarehouse.testkit.contract.BrokenContracts;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The contract notices what replication between sites does wrong. */
class MultiRegionReplicationContractTest {

  private static Function<String, SampleSite> maker = SampleSite::new;

  static class OfBroken extends SampleSiteContractTest {
    @Override
    SampleSite make(String name) {
      return maker.apply(name);
    }

    @Override
    protected Duration soon() {
      return Duration.ofSeconds(3);
    }
  }

  @Test
  void gapThatIsTakenIsNoticed() {
    assertThat(
            failures(
                name ->
                    new SampleSite(name) {
                      @Override
                      boolean refusesGaps() {
                        return false;
                      }
                    }))
        .containsExactly("gapIsRefusedAndNothingOfItIsApplied");
  }

  @Test
  void pauseThatDoesNotPauseIsNoticed() {
    assertThat(
            failures(
                name ->
                    new SampleSite(name) {
                      @Override
                      boolean obeysPause() {
                        return false;
                      }
                    }))
        .containsExactly("pausedSiteGetsNothingUntilItIsResumed");
  }

  @Test
  void versionThatSilentlyWinsIsNoticed() {
    assertThat(
            failures(
                name ->
                    new SampleSite(name) {
                      @Override
                      List<Sibling> newest(List<Sibling> all) {
                        return all.subList(all.size() - 1, all.size());
                      }
                    }))
        .containsExactly("concurrentVersionsStandBesideEachOther");
  }

  @Test
  void versionsThatNeverGoAreNoticed() {
    assertThat(
            failures(
                name ->
                    new SampleSite(name) {
                      @Override
                      List<Sibling> newest(List<Sibling> all) {
                        return List.copyOf(all);
                      }

                      @Override
                      boolean takesTwice() {
                        return true;
                      }
                    }))
        .contains(
            "laterVersionTakesThePlaceOfTheOneThatItHasSeen", "changesThatComeInAreAppliedOnce");
  }

  private static Set<String> failures(Function<String, SampleSite> broken) {
    maker = broken;
    return BrokenContracts.failuresOf(OfBroken.class);
  }
}
