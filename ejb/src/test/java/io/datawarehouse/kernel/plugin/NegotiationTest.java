package io.datawarehouse.kernel.plugin;

import static io.datawarehouse.kernel.plugin.LifecycleFixture.key;
import static io.datawarehouse.kernel.plugin.LifecycleFixture.reason;
import static io.datawarehouse.kernel.plugin.LifecycleFixture.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.plugin.LifecycleFixture.Named;
import io.datawarehouse.kernel.plugin.PluginLifecycle.Limits;
import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.capability.Cardinality;
import io.datawarehouse.sdk.kernel.KernelContext;
import io.datawarehouse.sdk.plugin.HandshakeResult;
import io.datawarehouse.sdk.plugin.KernelOffer;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.plugin.PluginState;
import io.datawarehouse.sdk.plugin.SdkVersion;
import io.datawarehouse.sdk.plugin.WarehousePlugin;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NegotiationTest {

  private static final Duration SHORT = Duration.ofMillis(50);

  private final LifecycleFixture fixture = new LifecycleFixture();

  @Test
  void pluginsThatFitAreNegotiatedAndNotStarted() {
    PluginLifecycle lifecycle = fixture.lifecycle(fixture.plugin("a"), fixture.plugin("b"));

    assertThat(lifecycle.negotiate()).isEmpty();
    assertThat(lifecycle.plugins())
        .extracting(PluginStatus::state)
        .containsExactly(PluginState.NEGOTIATED, PluginState.NEGOTIATED);
    assertThat(fixture.journal).isEmpty();
  }

  // ---- SDK and handshake ---------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({"2,4", "4,0", "3,5"})
  void optionalPluginForAnotherSdkIsRejectedAndTheNodeServes(int major, int minor) {
    PluginLifecycle lifecycle =
        fixture.lifecycle(fixture.plugin("a").builtAgainst(new SdkVersion(major, minor)));

    assertThat(lifecycle.negotiate()).isEmpty();
    assertThat(status(lifecycle, "a").state()).isEqualTo(PluginState.REJECTED);
    assertThat(reason(lifecycle, "a")).contains("sdk-api " + major + "." + minor, "has 3.4");
  }

  @Test
  void requiredPluginForAnotherSdkStopsTheBoot() {
    PluginLifecycle lifecycle =
        fixture.lifecycle(fixture.plugin("a").required().builtAgainst(new SdkVersion(4, 0)));

    assertThat(lifecycle.negotiate())
        .singleElement()
        .asString()
        .contains("plugin 'a' (required)", "sdk-api 4.0", "3.4");
  }

  @Test
  void olderMinorVersionOfTheSdkIsWelcome() {
    PluginLifecycle lifecycle =
        fixture.lifecycle(fixture.plugin("a").required().builtAgainst(new SdkVersion(3, 0)));

    assertThat(lifecycle.negotiate()).isEmpty();
  }

  @Test
  void pluginThatRefusesIsRejectedWithItsReason() {
    PluginLifecycle lifecycle =
        fixture.lifecycle(
            fixture.plugin("a").answers(offer -> new HandshakeResult.Rejected("needs a cluster")));

    assertThat(lifecycle.negotiate()).isEmpty();
    assertThat(status(lifecycle, "a").state()).isEqualTo(PluginState.REJECTED);
    assertThat(reason(lifecycle, "a")).contains("needs a cluster");
  }

  @Test
  void handshakeThatThrowsIsARejection() {
    PluginLifecycle lifecycle =
        fixture.lifecycle(
            fixture
                .plugin("a")
                .required()
                .answers(
                    offer -> {
                      throw new IllegalStateException("no\nlicence");
                    }));

    assertThat(lifecycle.negotiate())
        .singleElement()
        .asString()
        .contains("plugin 'a' (required)", "IllegalStateException: no licence");
  }

  @Test
  void handshakeThatHangsIsInterruptedAndRejected() throws Exception {
    fixture.limits = new Limits(SHORT, SHORT, Duration.ofSeconds(30));
    CountDownLatch interrupted = new CountDownLatch(1);
    PluginLifecycle lifecycle =
        fixture.lifecycle(
            fixture
                .plugin("a")
                .answers(
                    offer -> {
                      try {
                        new CountDownLatch(1).await();
                      } catch (InterruptedException e) {
                        interrupted.countDown();
                      }
                      return new HandshakeResult.Accepted(List.of());
                    }),
            fixture.plugin("b"));

    assertThat(lifecycle.negotiate()).isEmpty();
    interrupted.await();
    assertThat(reason(lifecycle, "a")).contains("took longer than 50 ms");
    assertThat(status(lifecycle, "b").state()).isEqualTo(PluginState.NEGOTIATED);
  }

  @Test
  void handshakeMustOfferWhatTheManifestProvides() {
    PluginLifecycle lifecycle =
        fixture.lifecycle(fixture.provider("a", "offered").announces("announced"));

    assertThat(lifecycle.negotiate()).isEmpty();
    assertThat(reason(lifecycle, "a")).contains("[announced]", "[offered]");
  }

  @Test
  void severalOfOneCapabilityHaveNamesOfTheirOwn() {
    PluginLifecycle good = offeringTwice(Cardinality.MULTI, "other");
    PluginLifecycle bad = offeringTwice(Cardinality.MULTI, "one");

    assertThat(good.negotiate()).isEmpty();
    assertThat(status(good, "a").state()).isEqualTo(PluginState.NEGOTIATED);
    assertThat(bad.negotiate()).isEmpty();
    assertThat(reason(bad, "a")).contains("capability 'twice' twice");
  }

  @Test
  void oneCapabilityIsOfferedOnceUnlessAnyNumberMayProvideIt() {
    PluginLifecycle lifecycle = offeringTwice(Cardinality.SELECTED, "other");

    assertThat(lifecycle.negotiate()).isEmpty();
    assertThat(reason(lifecycle, "a")).contains("capability 'twice' twice");
  }

  private PluginLifecycle offeringTwice(Cardinality cardinality, String name) {
    return fixture.lifecycle(
        fixture
            .plugin("a")
            .provides(key("twice", cardinality), "one", new Named("one"))
            .provides(key("twice", cardinality), name, new Named(name)));
  }

  @Test
  void nameOfTheKernelIsTaken() {
    PluginLifecycle lifecycle = fixture.lifecycle(fixture.plugin("kernel"));

    assertThat(lifecycle.negotiate()).isEmpty();
    assertThat(reason(lifecycle, "kernel")).contains("the kernel's own");
  }

  @Test
  void pluginWithoutManifestStopsTheBoot() {
    WarehousePlugin broken =
        new WarehousePlugin() {
          @Override
          public PluginManifest manifest() {
            throw new NoClassDefFoundError("com/example/Missing");
          }

          @Override
          public HandshakeResult handshake(KernelOffer offer) {
            return new HandshakeResult.Accepted(List.of());
          }

          @Override
          public void start(KernelContext context) {}

          @Override
          public void stop() {}
        };

    assertThat(fixture.lifecycle(broken, fixture.plugin("a")).negotiate())
        .singleElement()
        .asString()
        .contains(broken.getClass().getName(), "NoClassDefFoundError: com/example/Missing");
  }

  @Test
  void twoPluginsWithOneIdStopTheBoot() {
    PluginLifecycle lifecycle =
        fixture.lifecycle(fixture.plugin("twin"), fixture.plugin("twin"), fixture.plugin("a"));

    assertThat(lifecycle.negotiate())
        .containsExactly(
            "plugin id 'twin' is used by 'The plugin twin' 1.2.3 and 'The plugin twin' 1.2.3");
  }

  // ---- requirements --------------------------------------------------------------------------

  @Test
  void optionalPluginWithoutWhatItRequiresIsRejected() {
    PluginLifecycle lifecycle =
        fixture.lifecycle(fixture.plugin("a").requires("absent"), fixture.plugin("b"));

    assertThat(lifecycle.negotiate()).isEmpty();
    assertThat(status(lifecycle, "a").state()).isEqualTo(PluginState.REJECTED);
    assertThat(reason(lifecycle, "a"))
        .isEqualTo("requires capability 'absent', which no plugin provides");
    assertThat(status(lifecycle, "b").state()).isEqualTo(PluginState.NEGOTIATED);
  }

  @Test
  void requiredPluginWithoutWhatItRequiresStopsTheBoot() {
    assertThat(fixture.lifecycle(fixture.plugin("a").required().requires("absent")).negotiate())
        .containsExactly(
            "plugin 'a' (required) cannot run: requires capability 'absent', which no plugin"
                + " provides");
  }

  @Test
  void rejectionSpreadsToWhoRequiresThePluginAndNamesBoth() {
    PluginLifecycle lifecycle =
        fixture.lifecycle(
            fixture.plugin("c").required().requires("from-b"),
            fixture.provider("b", "from-b").requires("from-a"),
            fixture
                .provider("a", "from-a")
                .answers(offer -> new HandshakeResult.Rejected("not today")));

    assertThat(lifecycle.negotiate())
        .singleElement()
        .asString()
        .contains("plugin 'c' (required)", "'from-b'", "plugin 'b'", "plugin 'a'", "not today");
  }

  @Test
  void nobodyMeetsARequirementOfItsOwn() {
    PluginLifecycle lifecycle = fixture.lifecycle(fixture.provider("a", "x").requires("x"));

    assertThat(lifecycle.negotiate()).isEmpty();
    assertThat(reason(lifecycle, "a")).contains("'x', which no other plugin provides");
  }

  @Test
  void whatShouldComeFirstMayBeAbsent() {
    PluginLifecycle lifecycle = fixture.lifecycle(fixture.plugin("a").required().after("absent"));

    assertThat(lifecycle.negotiate()).isEmpty();
  }

  @Test
  void cycleOfOptionalPluginsLeavesThemOutAndIsNamed() {
    PluginLifecycle lifecycle =
        fixture.lifecycle(
            fixture.provider("a", "from-a").requires("from-b"),
            fixture.provider("b", "from-b").requires("from-c"),
            fixture.provider("c", "from-c").after("from-a"),
            fixture.plugin("d"),
            fixture.plugin("e").requires("from-a"));

    assertThat(lifecycle.negotiate()).isEmpty();
    assertThat(reason(lifecycle, "b")).contains("'a' -> 'b' -> 'c' -> 'a'");
    assertThat(status(lifecycle, "c").state()).isEqualTo(PluginState.REJECTED);
    assertThat(status(lifecycle, "d").state()).isEqualTo(PluginState.NEGOTIATED);
    assertThat(reason(lifecycle, "e")).contains("'from-a'", "plugin 'a' was rejected");
  }

  @Test
  void cycleWithARequiredPluginStopsTheBoot() {
    assertThat(
            fixture
                .lifecycle(
                    fixture.provider("a", "from-a").requires("from-b"),
                    fixture.provider("b", "from-b").required().requires("from-a"))
                .negotiate())
        .singleElement()
        .asString()
        .contains("'a' -> 'b' -> 'a'");
  }

  @Test
  void kernelNeedsItsCapabilities() {
    fixture.neededByKernel.add(new CapabilityName("storage"));

    assertThat(fixture.lifecycle(fixture.plugin("a")).negotiate())
        .containsExactly("the kernel requires capability 'storage', which no plugin provides");
  }

  @Test
  void kernelTellsWhyTheProviderOfWhatItNeedsWasRejected() {
    fixture.neededByKernel.add(new CapabilityName("storage"));

    assertThat(
            fixture
                .lifecycle(fixture.strategy("r", "storage", "rocksdb").requires("x"))
                .negotiate())
        .singleElement()
        .asString()
        .contains("kernel requires capability 'storage'", "plugin 'r' was rejected", "'x'");
  }

  // ---- cardinality and selection -------------------------------------------------------------

  @Test
  void secondProviderOfASingleCapabilityStopsTheBoot() {
    assertThat(
            fixture
                .lifecycle(
                    fixture
                        .plugin("a")
                        .provides(key("one", Cardinality.SINGLE), "a", new Named("a")),
                    fixture
                        .plugin("b")
                        .provides(key("one", Cardinality.SINGLE), "b", new Named("b")))
                .negotiate())
        .singleElement()
        .asString()
        .contains("capability 'one'", "plugin 'a' and plugin 'b'");
  }

  @Test
  void pluginsThatUnderstandACapabilityDifferentlyStopTheBoot() {
    assertThat(
            fixture
                .lifecycle(fixture.provider("a", "x"), fixture.strategy("b", "x", "some"))
                .negotiate())
        .singleElement()
        .asString()
        .contains("capability 'x'", "MULTI", "plugin 'a'", "SELECTED", "plugin 'b'");
  }

  @Test
  void configurationSelectsTheProviderAndTheOthersStandBy() {
    fixture.settings.put("dw.colour.provider", "blue");
    PluginLifecycle lifecycle =
        fixture.lifecycle(
            fixture.strategy("r", "colour", "red"), fixture.strategy("b", "colour", "blue"));

    assertThat(lifecycle.negotiate()).isEmpty();
    assertThat(status(lifecycle, "b").state()).isEqualTo(PluginState.NEGOTIATED);
    assertThat(status(lifecycle, "r").state()).isEqualTo(PluginState.STANDBY);
    assertThat(reason(lifecycle, "r")).contains("'blue'", "dw.colour.provider", "blue, red");
  }

  @Test
  void storageIsRocksdbUnlessConfigurationSaysOtherwise() {
    PluginLifecycle lifecycle =
        fixture.lifecycle(
            fixture.strategy("m", "storage", "memory"),
            fixture.strategy("r", "storage", "rocksdb"));

    assertThat(lifecycle.negotiate()).isEmpty();
    assertThat(status(lifecycle, "r").state()).isEqualTo(PluginState.NEGOTIATED);
    assertThat(status(lifecycle, "m").state()).isEqualTo(PluginState.STANDBY);
  }

  @Test
  void unknownProviderStopsTheBootListingTheAvailableOnes() {
    fixture.settings.put("dw.storage.provider", "rockdb");
    fixture.neededByKernel.add(new CapabilityName("storage"));

    assertThat(
            fixture
                .lifecycle(
                    fixture.strategy("m", "storage", "memory"),
                    fixture.strategy("r", "storage", "rocksdb"))
                .negotiate())
        .containsExactly(
            "dw.storage.provider is 'rockdb', but no plugin provides capability 'storage' under"
                + " that name; available: memory, rocksdb");
  }

  @Test
  void defaultProviderThatIsMissingIsNotReplacedByAnother() {
    assertThat(fixture.lifecycle(fixture.strategy("m", "storage", "memory")).negotiate())
        .singleElement()
        .asString()
        .contains("dw.storage.provider is 'rocksdb' (the default)", "available: memory");
  }

  @Test
  void rejectedProviderIsNamedWhereTheSelectedOneIsMissing() {
    assertThat(
            fixture
                .lifecycle(
                    fixture.strategy("m", "storage", "memory"),
                    fixture
                        .strategy("r", "storage", "rocksdb")
                        .answers(offer -> new HandshakeResult.Rejected("no native library")))
                .negotiate())
        .singleElement()
        .asString()
        .contains("available: memory", "plugin 'r' was rejected", "no native library");
  }

  @Test
  void onlyProviderIsSelectedWhereNothingElseIsSaid() {
    PluginLifecycle lifecycle = fixture.lifecycle(fixture.strategy("r", "colour", "red"));

    assertThat(lifecycle.negotiate()).isEmpty();
    assertThat(status(lifecycle, "r").state()).isEqualTo(PluginState.NEGOTIATED);
  }

  @Test
  void severalProvidersWithoutASelectionAreLeftOutWithAHint() {
    PluginLifecycle lifecycle =
        fixture.lifecycle(
            fixture.strategy("r", "colour", "red"), fixture.strategy("b", "colour", "blue"));

    assertThat(lifecycle.negotiate()).isEmpty();
    assertThat(reason(lifecycle, "r")).contains("set dw.colour.provider to one of: blue, red");
    assertThat(status(lifecycle, "b").state()).isEqualTo(PluginState.REJECTED);
  }

  @Test
  void twoProvidersOfOneNameStopTheBoot() {
    assertThat(
            fixture
                .lifecycle(
                    fixture.strategy("a", "colour", "red"), fixture.strategy("b", "colour", "red"))
                .negotiate())
        .singleElement()
        .asString()
        .contains("plugin 'a' and plugin 'b'", "under the name 'red'");
  }

  @Test
  void pluginThatProvidesMoreThanWhatWasNotSelectedRunsWithTheRest() {
    fixture.settings.put("dw.colour.provider", "blue");
    PluginLifecycle lifecycle =
        fixture.lifecycle(
            fixture
                .provider("r", "shade")
                .provides(key("colour", Cardinality.SELECTED), "red", new Named("r")),
            fixture.strategy("b", "colour", "blue"));

    assertThat(lifecycle.negotiate()).isEmpty();
    assertThat(status(lifecycle, "r").state()).isEqualTo(PluginState.NEGOTIATED);
  }

  // ---- all at once ---------------------------------------------------------------------------

  @Test
  void allProblemsAreNamedAtOnce() {
    fixture.settings.put("dw.storage.provider", "tape");
    PluginLifecycle lifecycle =
        fixture.lifecycle(
            fixture.plugin("twin"),
            fixture.plugin("twin"),
            fixture.plugin("old").required().builtAgainst(new SdkVersion(2, 0)),
            fixture.plugin("poor").required().requires("absent"),
            fixture.strategy("m", "storage", "memory"));

    List<String> problems = lifecycle.negotiate();

    assertThat(problems).hasSize(4);
    assertThat(String.join("; ", problems))
        .contains("'twin'", "plugin 'old'", "plugin 'poor'", "'absent'", "'tape'", "memory");
  }
}
