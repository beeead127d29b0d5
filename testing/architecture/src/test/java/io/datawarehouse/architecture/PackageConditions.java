package io.datawarehouse.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.jspecify.annotations.NullMarked;

/** What every package of the product carries. */
final class PackageConditions {

  static final ArchCondition<JavaClass> RESIDE_IN_A_NULL_MARKED_PACKAGE =
      new ArchCondition<>("reside in a package whose package-info is @NullMarked") {
        @Override
        public void check(JavaClass type, ConditionEvents events) {
          boolean satisfied =
              type.getPackage()
                  .tryGetPackageInfo()
                  .map(info -> info.isAnnotatedWith(NullMarked.class))
                  .orElse(false);
          events.add(
              new SimpleConditionEvent(
                  type, satisfied, "%s: package-info with @NullMarked".formatted(type.getName())));
        }
      };

  private PackageConditions() {}
}
