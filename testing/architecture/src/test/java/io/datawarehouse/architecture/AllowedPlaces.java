package io.datawarehouse.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.Map;

/**
 * Classes outside the adapters that may touch threads or the system's clock, each with its reason.
 * A name that no longer exists fails {@link ProductRulesTest}.
 */
final class AllowedPlaces {

  static final Map<String, String> REASONS =
      Map.of(
          "io.datawarehouse.sdk.message.MessageId",
          "one reading per process makes ids unique over restarts; nobody reads a time from it",
          "io.datawarehouse.testkit.message.MessageBusContract",
          "a contract test: holds deadlines against the time that the bus under test lives in");

  private AllowedPlaces() {}

  static DescribedPredicate<JavaClass> isAllowed() {
    return DescribedPredicate.describe(
        "are allowed by name", type -> REASONS.containsKey(outermost(type).getName()));
  }

  private static JavaClass outermost(JavaClass type) {
    return type.getEnclosingClass().map(AllowedPlaces::outermost).orElse(type);
  }
}
