package io.datawarehouse.architecture;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import io.datawarehouse.kernel.fixtureone.ForksWithoutExecutor;
import io.datawarehouse.kernel.fixtureone.KnowsPlugin;
import io.datawarehouse.kernel.fixtureone.KnowsWeb;
import io.datawarehouse.kernel.fixtureone.Prints;
import io.datawarehouse.kernel.fixtureone.ReadsCurrentTimeMillis;
import io.datawarehouse.kernel.fixtureone.ReadsInstantNow;
import io.datawarehouse.kernel.fixtureone.ReadsSystemClock;
import io.datawarehouse.kernel.fixtureone.Sleeps;
import io.datawarehouse.kernel.fixtureone.StartsThread;
import io.datawarehouse.kernel.fixtureone.ThreadOfItsOwn;
import io.datawarehouse.kernel.fixtureone.UsesCdi;
import io.datawarehouse.kernel.fixtureone.UsesGrpc;
import io.datawarehouse.kernel.fixtureone.UsesInfinispan;
import io.datawarehouse.kernel.fixtureone.UsesSmallrye;
import io.datawarehouse.kernel.fixtureone.cdi.FinalBean;
import io.datawarehouse.kernel.fixtureone.cdi.FinalMethodBean;
import io.datawarehouse.kernel.fixtureone.cdi.GoodBean;
import io.datawarehouse.kernel.fixtureone.cdi.NoConstructorBean;
import io.datawarehouse.kernel.fixtureunmarked.Unmarked;
import io.datawarehouse.plugin.fixtureone.KnowsKernel;
import io.datawarehouse.plugin.fixtureone.KnowsOtherPlugin;
import io.datawarehouse.plugin.fixturetwo.OtherPlugin;
import io.datawarehouse.sdk.fixtureone.SdkKnowsGrpc;
import io.datawarehouse.sdk.fixtureone.SdkKnowsInfinispan;
import io.datawarehouse.sdk.fixtureone.SdkKnowsKernel;
import io.datawarehouse.sdk.fixtureone.WithContractOfAnother;
import io.datawarehouse.sdk.fixtureone.WithHollowContract;
import io.datawarehouse.sdk.fixtureone.WithoutContract;
import io.datawarehouse.web.fixtureone.WebKnowsPlugin;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule finds the fixture that breaks it, and says so by the fixture's name. */
class RuleFixturesTest {

  /** By rule: the groups of classes that each break it; the first class of a group is named. */
  private static final Map<String, List<List<Class<?>>>> FIXTURES =
      Map.ofEntries(
          breaking("PLUGINS_KNOW_THE_SDK_ALONE", KnowsKernel.class),
          entry(
              "PLUGINS_ARE_INDEPENDENT",
              List.of(List.of(KnowsOtherPlugin.class, OtherPlugin.class))),
          breaking(
              "SDK_STANDS_ALONE",
              SdkKnowsKernel.class,
              SdkKnowsInfinispan.class,
              SdkKnowsGrpc.class),
          breaking("KERNEL_KNOWS_NO_WEB_AND_NO_PLUGIN", KnowsWeb.class, KnowsPlugin.class),
          breaking("WEB_KNOWS_NO_PLUGIN", WebKnowsPlugin.class),
          entry(
              "SDK_FEATURES_HAVE_NO_CYCLES",
              List.of(
                  List.of(
                      io.datawarehouse.sdk.fixtureone.Here.class,
                      io.datawarehouse.sdk.fixturetwo.There.class))),
          entry(
              "KERNEL_FEATURES_HAVE_NO_CYCLES",
              List.of(
                  List.of(
                      io.datawarehouse.kernel.fixtureone.Here.class,
                      io.datawarehouse.kernel.fixturetwo.There.class))),
          entry(
              "WEB_FEATURES_HAVE_NO_CYCLES",
              List.of(
                  List.of(
                      io.datawarehouse.web.fixtureone.Here.class,
                      io.datawarehouse.web.fixturetwo.There.class))),
          breaking("INFINISPAN_STAYS_IN_ITS_ADAPTERS", UsesInfinispan.class),
          breaking("GRPC_STAYS_IN_ITS_ADAPTERS", UsesGrpc.class),
          breaking("SMALLRYE_STAYS_IN_ITS_ADAPTERS", UsesSmallrye.class),
          breaking("CDI_STAYS_IN_ITS_SHELLS", UsesCdi.class),
          breaking("NO_THREADS_OF_THEIR_OWN", StartsThread.class, ThreadOfItsOwn.class),
          breaking("NO_SLEEP", Sleeps.class),
          breaking(
              "NO_CLOCK_OF_THEIR_OWN",
              ReadsInstantNow.class,
              ReadsSystemClock.class,
              ReadsCurrentTimeMillis.class),
          breaking("NO_ASYNC_WITHOUT_EXECUTOR", ForksWithoutExecutor.class),
          breaking("NO_STANDARD_STREAMS", Prints.class),
          breaking(
              "NORMAL_SCOPED_BEANS_CAN_BE_PROXIED",
              FinalBean.class,
              FinalMethodBean.class,
              NoConstructorBean.class),
          breaking("PACKAGES_ARE_NULL_MARKED", Unmarked.class),
          breaking(
              "CAPABILITIES_HAVE_A_CONTRACT",
              WithoutContract.class,
              WithHollowContract.class,
              WithContractOfAnother.class));

  static Stream<Arguments> fixtures() {
    return FIXTURES.entrySet().stream()
        .flatMap(
            entry ->
                entry.getValue().stream()
                    .map(group -> Arguments.of(entry.getKey(), group.get(0).getName(), group)));
  }

  @ParameterizedTest(name = "{0} finds {1}")
  @MethodSource("fixtures")
  void ruleFindsItsFixture(String name, String offender, Collection<Class<?>> group) {
    ArchRule rule = Rules.byName().get(name);
    assertThat(rule).as(name).isNotNull();

    EvaluationResult result = rule.evaluate(importWithPackageInfo(group));

    assertThat(result.hasViolation()).as("%s breaks %s", offender, name).isTrue();
    assertThat(result.getFailureReport().toString())
        .contains(rule.getDescription())
        .contains(offender);
  }

  @Test
  void everyRuleHasAFixture() {
    assertThat(FIXTURES.keySet()).isEqualTo(Rules.byName().keySet());
  }

  @Test
  void goodBeanBreaksNoRuleOnBeans() {
    JavaClasses good = importWithPackageInfo(List.of(GoodBean.class));

    assertThat(ProductRules.NORMAL_SCOPED_BEANS_CAN_BE_PROXIED.evaluate(good).hasViolation())
        .isFalse();
    assertThat(ProductRules.PACKAGES_ARE_NULL_MARKED.evaluate(good).hasViolation()).isFalse();
  }

  @Test
  void anEmptyRuleDoesNotPass() {
    JavaClasses none = new ClassFileImporter().importClasses(List.of());

    Rules.byName()
        .forEach(
            (name, rule) ->
                assertThatThrownBy(() -> rule.check(none))
                    .as("%s must not pass without classes", name)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("failed to check any classes"));
  }

  private static Map.Entry<String, List<List<Class<?>>>> breaking(
      String rule, Class<?>... offenders) {
    return entry(rule, Stream.of(offenders).map(RuleFixturesTest::alone).toList());
  }

  private static List<Class<?>> alone(Class<?> offender) {
    return List.of(offender);
  }

  private static JavaClasses importWithPackageInfo(Collection<Class<?>> group) {
    Stream<Class<?>> infos =
        group.stream().map(RuleFixturesTest::packageInfo).flatMap(List::stream);
    return new ClassFileImporter()
        .importClasses(Stream.concat(group.stream(), infos).distinct().toList());
  }

  private static List<Class<?>> packageInfo(Class<?> type) {
    try {
      return List.of(Class.forName(type.getPackageName() + ".package-info"));
    } catch (ClassNotFoundException e) {
      return List.of();
    }
  }
}
