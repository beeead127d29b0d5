package io.datawarehouse.testkit.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.replication.AirGapBridge;
import io.datawarehouse.sdk.replication.BundlePreview;
import io.datawarehouse.sdk.replication.Sibling;
import io.datawarehouse.testkit.contract.BrokenContracts;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The contract notices what bridges do wrong. */
class AirGapBridgeContractTest {

  private static Function<SampleSite, AirGapBridge> maker = SampleBundles::new;
  private static Function<String, SampleSite> siteMaker = SampleSite::new;

  static class OfBroken extends SampleBundlesContractTest {
    @Override
    AirGapBridge make(SampleSite site) {
      return maker.apply(site);
    }

    @Override
    SampleSite site() {
      return siteMaker.apply("away");
    }
  }

  @Test
  void bundleThatIsNotCheckedIsNoticed() {
    assertThat(
            failures(
                site ->
                    new SampleBundles(site) {
                      @Override
                      boolean checksSeal() {
                        return false;
                      }
                    }))
        .containsExactly("bundleThatWasChangedAnywhereChangesNothing");
  }

  @Test
  void previewThatAppliesIsNoticed() {
    assertThat(
            failures(
                site ->
                    new SampleBundles(site) {
                      @Override
                      public BundlePreview preview(Path directory, int mostEntries) {
                        BundlePreview preview = super.preview(directory, mostEntries);
                        apply(directory);
                        return preview;
                      }
                    }))
        .contains("previewTellsWhatWouldHappenAndChangesNothing");
  }

  @Test
  void firstVersionThatWinsIsNoticed() {
    assertThat(
            failures(
                site ->
                    new SampleBundles(site) {
                      @Override
                      boolean takes(Sibling incoming, List<Sibling> standing) {
                        return standing.isEmpty();
                      }
                    }))
        .contains(
            "concurrentVersionsStandBesideEachOther",
            "bundlesComeToTheSameInAnyOrder",
            "deletionIsCarriedToo");
  }

  @Test
  void lastVersionThatWinsIsNoticed() {
    siteMaker =
        name ->
            new SampleSite(name) {
              @Override
              List<Sibling> newest(List<Sibling> all) {
                return all.subList(all.size() - 1, all.size());
              }
            };
    try {
      assertThat(failures(SampleBundles::new))
          .contains(
              "applyingAgainChangesNothing",
              "deletionIsCarriedToo",
              "concurrentVersionsStandBesideEachOther");
    } finally {
      siteMaker = SampleSite::new;
    }
  }

  private static Set<String> failures(Function<SampleSite, AirGapBridge> broken) {
    maker = broken;
    return BrokenContracts.failuresOf(OfBroken.class);
  }
}
