package io.datawarehouse.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.INTERFACES;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.metaAnnotatedWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Every rule on the product's classes. Each constant is checked against the product by {@link
 * ProductRulesTest} and has a class that breaks it in {@link RuleFixturesTest}.
 */
final class ProductRules {

  private static final String ALL = "io.datawarehouse..";
  private static final String SDK = "io.datawarehouse.sdk..";
  private static final String SDK_PLUGIN = "io.datawarehouse.sdk.plugin";
  private static final String KERNEL = "io.datawarehouse.kernel..";
  private static final String BOOT = "io.datawarehouse.kernel.boot..";
  private static final String PLUGINS = "io.datawarehouse.plugin..";
  private static final String WEB = "io.datawarehouse.web..";
  private static final String CDI_SHELLS = "io.datawarehouse.kernel..cdi..";

  /** Where the system's clock and threads enter: whatever lies deeper receives them. */
  private static final String[] ADAPTERS = {BOOT, CDI_SHELLS};

  static final ArchRule PLUGINS_KNOW_THE_SDK_ALONE =
      noClasses()
          .that()
          .resideInAPackage(PLUGINS)
          .should()
          .dependOnClassesThat(resideInAPackage(ALL).and(not(resideInAnyPackage(SDK, PLUGINS))))
          .because("a plugin depends on sdk-api alone");

  static final ArchRule PLUGINS_ARE_INDEPENDENT =
      slices()
          .matching("io.datawarehouse.plugin.(*)..")
          .should()
          .notDependOnEachOther()
          .because("no plugin calls another but over the bus");

  static final ArchRule SDK_STANDS_ALONE =
      classes()
          .that()
          .resideInAPackage(SDK)
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                  "java..", SDK, "org.jspecify..", "jakarta.enterprise..", "jakarta.inject.."))
          .because("sdk-api knows no kernel, no Infinispan, no gRPC");

  static final ArchRule KERNEL_KNOWS_NO_WEB_AND_NO_PLUGIN =
      noClasses()
          .that()
          .resideInAPackage(KERNEL)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(WEB, PLUGINS)
          .because("the kernel is below the web and meets plugins through the SDK");

  static final ArchRule WEB_KNOWS_NO_PLUGIN =
      noClasses()
          .that()
          .resideInAPackage(WEB)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(PLUGINS)
          .because("the web reaches plugins over the bus");

  static final ArchRule SDK_FEATURES_HAVE_NO_CYCLES =
      slices().matching("io.datawarehouse.sdk.(*)..").should().beFreeOfCycles();

  static final ArchRule KERNEL_FEATURES_HAVE_NO_CYCLES =
      slices().matching("io.datawarehouse.kernel.(*)..").should().beFreeOfCycles();

  static final ArchRule WEB_FEATURES_HAVE_NO_CYCLES =
      slices().matching("io.datawarehouse.web.(*)..").should().beFreeOfCycles();

  static final ArchRule INFINISPAN_STAYS_IN_ITS_ADAPTERS =
      noClasses()
          .that()
          .resideOutsideOfPackages("..infinispan..", "..jgroups..", "..raft..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.infinispan..", "org.jgroups..")
          .because("the cores start in a plain JVM");

  static final ArchRule GRPC_STAYS_IN_ITS_ADAPTERS =
      noClasses()
          .that()
          .resideOutsideOfPackage("..grpc..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.grpc..")
          .because("a node that works alone loads none of it");

  static final ArchRule SMALLRYE_STAYS_IN_ITS_ADAPTERS =
      noClasses()
          .that()
          .resideOutsideOfPackage("..smallrye..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.smallrye..")
          .because("the cores start in a plain JVM");

  static final ArchRule CDI_STAYS_IN_ITS_SHELLS =
      noClasses()
          .that()
          .resideOutsideOfPackages(SDK_PLUGIN, CDI_SHELLS, BOOT, PLUGINS, WEB)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("jakarta.enterprise..", "jakarta.ejb..", "jakarta.inject..")
          .because("the cores start in a plain JVM");

  static final ArchRule NO_THREADS_OF_THEIR_OWN =
      noClasses()
          .that(areProductCores())
          .should()
          .callConstructorWhere(createsThread())
          .because("work runs on executors that the kernel hands out");

  static final ArchRule NO_SLEEP =
      noClasses()
          .that(areProductCores())
          .should()
          .callMethodWhere(calls(Thread.class, "sleep"))
          .because("a sleep hides a race and cannot be tested");

  static final ArchRule NO_CLOCK_OF_THEIR_OWN =
      noClasses()
          .that(areProductCores())
          .should()
          .callMethodWhere(readsSystemClock())
          .because("time is injected");

  static final ArchRule NO_ASYNC_WITHOUT_EXECUTOR =
      noClasses()
          .should()
          .callMethodWhere(startsAsyncOnCommonPool())
          .because("the common pool starts a thread per task on small machines");

  static final ArchRule NO_STANDARD_STREAMS =
      noClasses().should(ACCESS_STANDARD_STREAMS).because("what happened goes to the log");

  static final ArchRule NORMAL_SCOPED_BEANS_CAN_BE_PROXIED =
      classes()
          .that(areNormalScopedBeans())
          .should()
          .notHaveModifier(JavaModifier.FINAL)
          .andShould(BeanConditions.HAVE_A_CONSTRUCTOR_FOR_THE_PROXY)
          .andShould(BeanConditions.HAVE_NO_FINAL_BUSINESS_METHOD)
          .because("the container hands out a subclass");

  static final ArchRule PACKAGES_ARE_NULL_MARKED =
      classes()
          .should(PackageConditions.RESIDE_IN_A_NULL_MARKED_PACKAGE)
          .because("null is allowed only where a type says @Nullable");

  static final ArchRule CAPABILITIES_HAVE_A_CONTRACT =
      classes()
          .that(Contracts.DECLARE_A_CAPABILITY)
          .should(Contracts.HAVE_A_CONTRACT)
          .because("whoever implements an interface of the SDK must be able to test that");

  private ProductRules() {}

  private static DescribedPredicate<JavaClass> areProductCores() {
    return not(resideInAnyPackage(ADAPTERS).or(AllowedPlaces.isAllowed()))
        .as("are not adapters (%s) nor allowed by name", String.join(", ", ADAPTERS));
  }

  private static DescribedPredicate<JavaClass> areNormalScopedBeans() {
    return not(INTERFACES)
        .and(metaAnnotatedWith("jakarta.enterprise.context.NormalScope"))
        .as("are normal scoped beans");
  }

  private static DescribedPredicate<JavaConstructorCall> createsThread() {
    return describe("creates a thread", call -> call.getTargetOwner().isEquivalentTo(Thread.class));
  }

  private static DescribedPredicate<JavaMethodCall> calls(Class<?> owner, String method) {
    return describe(
        "calls %s.%s".formatted(owner.getSimpleName(), method),
        call -> call.getTargetOwner().isEquivalentTo(owner) && call.getName().equals(method));
  }

  private static DescribedPredicate<JavaMethodCall> readsSystemClock() {
    return describe(
        "reads the system's clock",
        call -> isNowWithoutClock(call) || isSystemClock(call) || isCurrentTimeMillis(call));
  }

  private static boolean isNowWithoutClock(JavaMethodCall call) {
    return call.getTargetOwner().getPackageName().equals("java.time")
        && call.getName().equals("now")
        && call.getTarget().getRawParameterTypes().stream()
            .noneMatch(type -> type.isEquivalentTo(Clock.class));
  }

  private static boolean isSystemClock(JavaMethodCall call) {
    return call.getTargetOwner().isEquivalentTo(Clock.class) && call.getName().startsWith("system");
  }

  private static boolean isCurrentTimeMillis(JavaMethodCall call) {
    return call.getTargetOwner().isEquivalentTo(System.class)
        && call.getName().equals("currentTimeMillis");
  }

  private static DescribedPredicate<JavaMethodCall> startsAsyncOnCommonPool() {
    return describe(
        "calls an Async method of CompletableFuture without an executor",
        call ->
            call.getTargetOwner().isAssignableTo(CompletableFuture.class)
                && call.getName().endsWith("Async")
                && call.getTarget().getRawParameterTypes().stream()
                    .noneMatch(type -> type.isEquivalentTo(Executor.class)));
  }
}
