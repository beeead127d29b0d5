package io.datawarehouse.testkit.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.balance.RouteExplanation;
import io.datawarehouse.sdk.balance.RouteExplanation.CandidateScore;
import io.datawarehouse.sdk.balance.StrategySetting;
import io.datawarehouse.testkit.contract.BrokenContracts;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The contract notices what strategies do wrong. */
class LoadBalancerStrategyContractTest {

  /** The strategy with one thing wrong that the contract is run against. */
  private static Supplier<LoadBalancerStrategy> broken = SampleStrategies::turns;

  private static LoadBalancerStrategyContract.Spread promised =
      LoadBalancerStrategyContract.Spread.NONE;

  static class OfBroken extends LoadBalancerStrategyContract {
    @Override
    protected LoadBalancerStrategy strategy() {
      return broken.get();
    }

    @Override
    protected Spread spread() {
      return promised;
    }
  }

  @Test
  void soundStrategyIsNotAccused() {
    assertThat(failures(SampleStrategies::ring)).isEmpty();
  }

  @Test
  void choosingWhatIsNotUsableIsNoticed() {
    assertThat(
            failures(
                () -> changed(SampleStrategies.turns(), (table, sound) -> new Careless(sound))))
        .contains("choosesAUsableOneOrNoneExactlyIfThereIsNoSuch", "onlyUsableOneIsAlwaysFound");
  }

  @Test
  void settingsThatChangeNothingOrShareANameAreNoticed() {
    StrategySetting setting = new StrategySetting.Flag("loud", true);

    assertThat(failures(() -> new Deaf(SampleStrategies.turns(), List.of(setting))))
        .containsExactly("otherValuesMakeAnotherStrategyAndLeaveThisOneAlone");
    assertThat(failures(() -> new Deaf(SampleStrategies.turns(), List.of(setting, setting))))
        .contains("settingsHaveNamesOfTheirOwnAndWhatIsConfiguredIsAllowed");
  }

  @Test
  void givingUpThoughOneIsUsableIsNoticed() {
    assertThat(
            failures(
                () ->
                    changed(
                        SampleStrategies.turns(),
                        (table, sound) ->
                            new Delegate(sound) {
                              @Override
                              public int select(NodeSignals signals) {
                                return signals.size() > 0 && signals.usable(0)
                                    ? super.select(signals)
                                    : NONE;
                              }
                            })))
        .contains("choosesAUsableOneOrNoneExactlyIfThereIsNoSuch", "onlyUsableOneIsAlwaysFound");
  }

  @Test
  void allocationIsNoticed() {
    assertThat(
            failures(
                () ->
                    changed(
                        SampleStrategies.turns(),
                        (table, sound) ->
                            new Delegate(sound) {
                              private int[] kept = {};

                              @Override
                              public int select(NodeSignals signals, long keyHash) {
                                kept = new int[signals.size() + kept.length % 2];
                                return super.select(signals, keyHash);
                              }
                            })))
        .containsExactly("choosingAllocatesNothing");
  }

  @Test
  void explanationThatTakesATurnIsNoticed() {
    assertThat(
            failures(
                () ->
                    changed(
                        SampleStrategies.turns(),
                        (table, sound) ->
                            new Delegate(sound) {
                              @Override
                              public RouteExplanation explain(NodeSignals signals, long keyHash) {
                                RouteExplanation explanation = super.explain(signals, keyHash);
                                super.select(signals);
                                return explanation;
                              }
                            })))
        .containsExactly("explainingAgreesWithTheChoiceThatFollowsAndChangesNothing");
  }

  @Test
  void explanationOfAnotherChoiceIsNoticed() {
    assertThat(
            failures(
                () ->
                    changed(
                        SampleStrategies.ring(),
                        (table, sound) ->
                            new Delegate(sound) {
                              @Override
                              public RouteExplanation explain(NodeSignals signals, long keyHash) {
                                return super.explain(signals, keyHash + 1);
                              }
                            })))
        .containsExactly("explainingAgreesWithTheChoiceThatFollowsAndChangesNothing");
  }

  @Test
  void explanationThatLeavesOutACandidateIsNoticed() {
    assertThat(
            failures(
                () ->
                    changed(
                        SampleStrategies.turns(),
                        (table, sound) ->
                            new Delegate(sound) {
                              @Override
                              public RouteExplanation explain(NodeSignals signals, long keyHash) {
                                RouteExplanation whole = super.explain(signals, keyHash);
                                List<CandidateScore> usable =
                                    whole.candidates().stream().filter(c -> !c.excluded()).toList();
                                return new RouteExplanation(
                                    whole.chosen(), usable, whole.because());
                              }
                            })))
        .containsExactly("explanationNamesEveryCandidateAndWhyItWasLeftOut");
  }

  @Test
  void chanceThatWasNotGivenIsNoticed() {
    assertThat(
            failures(
                () ->
                    changed(
                        SampleStrategies.turns(),
                        (table, sound) ->
                            new Delegate(sound) {
                              @Override
                              public int select(NodeSignals signals) {
                                int chosen = super.select(signals);
                                int drawn = ThreadLocalRandom.current().nextInt(signals.size() + 1);
                                return drawn < signals.size() && signals.usable(drawn)
                                    ? drawn
                                    : chosen;
                              }
                            })))
        .contains("strategiesMadeAlikeChooseAlike", "oldAndNewSelectorWorkSideBySide");
  }

  @Test
  void turnsThatTwoTablesShareAreNoticed() {
    assertThat(
            failures(
                () -> {
                  AtomicInteger newest = new AtomicInteger();
                  return changed(
                      SampleStrategies.turns(),
                      (table, sound) -> {
                        newest.set(table.size());
                        return new Delegate(sound) {
                          @Override
                          public int select(NodeSignals signals) {
                            int chosen = super.select(signals);
                            return newest.get() == table.size() ? chosen : super.select(signals);
                          }
                        };
                      });
                }))
        .contains("oldAndNewSelectorWorkSideBySide");
  }

  @Test
  void keysThatGoElsewhereOnAnotherNodeAreNoticed() {
    assertThat(
            failures(
                () ->
                    changed(
                        SampleStrategies.ring(),
                        (table, sound) ->
                            new Delegate(sound) {
                              private final long local = local(table);

                              @Override
                              public int select(NodeSignals signals, long keyHash) {
                                return super.select(signals, keyHash + local);
                              }

                              @Override
                              public RouteExplanation explain(NodeSignals signals, long keyHash) {
                                return super.explain(signals, keyHash + local);
                              }
                            })))
        .containsExactly("keysAreFollowedOnAllNodesAlikeWhereItSaysSo");
  }

  @Test
  void silenceTakenForIdlenessIsNoticed() {
    assertThat(
            failures(
                () ->
                    changed(
                        SampleStrategies.mostRoom(),
                        (table, sound) ->
                            new Delegate(sound) {
                              @Override
                              public RouteExplanation explain(NodeSignals signals, long keyHash) {
                                RouteExplanation whole = super.explain(signals, keyHash);
                                return new RouteExplanation(
                                    whole.chosen(),
                                    whole.candidates().stream()
                                        .map(score -> bestWhereNothingIsKnown(score))
                                        .toList(),
                                    whole.because());
                              }

                              private CandidateScore bestWhereNothingIsKnown(CandidateScore score) {
                                boolean middle =
                                    score.nodeId().equals(table.node(table.size() / 2));
                                return new CandidateScore(
                                    score.nodeId(),
                                    middle ? -1 : score.score(),
                                    score.excluded(),
                                    score.reason());
                              }
                            })))
        .containsExactly("whatIsNotKnownIsNeitherBestNorWorst");
  }

  @Test
  void brokenPromiseOfASpreadIsNoticed() {
    promised = LoadBalancerStrategyContract.Spread.BY_WEIGHT;
    try {
      assertThat(failures(SampleStrategies::turns)).containsExactly("spreadsAsItPromises");
      promised = LoadBalancerStrategyContract.Spread.EVEN;
      assertThat(failures(SampleStrategies::turnsByWeight)).containsExactly("spreadsAsItPromises");
    } finally {
      promised = LoadBalancerStrategyContract.Spread.NONE;
    }
  }

  @Test
  void lookingTwiceAtSignalsThatChangeIsNoticed() {
    assertThat(
            failures(
                () ->
                    changed(
                        SampleStrategies.turns(),
                        (table, sound) ->
                            new Delegate(sound) {
                              @Override
                              public int select(NodeSignals signals) {
                                int usable = 0;
                                for (int i = 0; i < signals.size(); i++) {
                                  usable += signals.usable(i) ? 1 : 0;
                                }
                                int chosen = super.select(signals);
                                if (usable > 0 && chosen == NONE) {
                                  throw new IllegalStateException("there was one just now");
                                }
                                return chosen;
                              }
                            })))
        .containsExactly("survivesSignalsThatChangeWhileItLooks");
  }

  @Test
  void nameThatNoSettingCouldHoldIsNoticed() {
    assertThat(failures(() -> new Renamed(SampleStrategies.turns(), "Round Robin!")))
        .containsExactly("nameCanStandInSettings");
  }

  private static Set<String> failures(Supplier<LoadBalancerStrategy> strategy) {
    broken = strategy;
    return BrokenContracts.failuresOf(OfBroken.class);
  }

  private static int local(CandidateTable table) {
    return table.candidates().stream()
        .filter(CandidateTable.Candidate::local)
        .findFirst()
        .map(candidate -> table.candidates().indexOf(candidate))
        .orElse(0);
  }

  private static LoadBalancerStrategy changed(
      LoadBalancerStrategy sound, BiFunction<CandidateTable, NodeSelector, NodeSelector> change) {
    return new LoadBalancerStrategy() {
      @Override
      public String strategyName() {
        return sound.strategyName();
      }

      @Override
      public boolean followsKeys() {
        return sound.followsKeys();
      }

      @Override
      public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
        return change.apply(table, sound.prepare(table, config));
      }
    };
  }

  /** Has a setting and changes nothing when it is changed. */
  private record Deaf(LoadBalancerStrategy sound, List<StrategySetting> settings)
      implements LoadBalancerStrategy {
    @Override
    public String strategyName() {
      return sound.strategyName();
    }

    @Override
    public boolean followsKeys() {
      return sound.followsKeys();
    }

    @Override
    public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
      return sound.prepare(table, config);
    }
  }

  private record Renamed(LoadBalancerStrategy sound, String strategyName)
      implements LoadBalancerStrategy {
    @Override
    public boolean followsKeys() {
      return sound.followsKeys();
    }

    @Override
    public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
      return sound.prepare(table, config);
    }
  }

  private static class Delegate implements NodeSelector {
    private final NodeSelector sound;

    Delegate(NodeSelector sound) {
      this.sound = sound;
    }

    @Override
    public int select(NodeSignals signals) {
      return sound.select(signals);
    }

    @Override
    public int select(NodeSignals signals, long keyHash) {
      return sound.select(signals, keyHash);
    }

    @Override
    public RouteExplanation explain(NodeSignals signals, long keyHash) {
      return sound.explain(signals, keyHash);
    }
  }

  /** Chooses the first one where none or another is usable. */
  private static final class Careless extends Delegate {
    Careless(NodeSelector sound) {
      super(sound);
    }

    @Override
    public int select(NodeSignals signals) {
      return signals.size() == 0 ? NONE : 0;
    }

    @Override
    public RouteExplanation explain(NodeSignals signals, long keyHash) {
      return new RouteExplanation(
          Optional.empty(), super.explain(signals, keyHash).candidates(), "it does not look");
    }
  }
}
