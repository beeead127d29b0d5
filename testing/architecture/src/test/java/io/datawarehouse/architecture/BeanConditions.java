package io.datawarehouse.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;

/** What CDI asks of a class before it can put a client proxy before it. */
final class BeanConditions {

  static final ArchCondition<JavaClass> HAVE_A_CONSTRUCTOR_FOR_THE_PROXY =
      new ArchCondition<>("have a constructor without arguments that is not private") {
        @Override
        public void check(JavaClass bean, ConditionEvents events) {
          boolean satisfied =
              bean.getConstructors().stream().anyMatch(BeanConditions::canBeCalledByProxy);
          events.add(
              new SimpleConditionEvent(
                  bean, satisfied, "%s: constructor without arguments".formatted(bean.getName())));
        }
      };

  static final ArchCondition<JavaClass> HAVE_NO_FINAL_BUSINESS_METHOD =
      new ArchCondition<>("have no final business method") {
        @Override
        public void check(JavaClass bean, ConditionEvents events) {
          bean.getMethods().stream()
              .filter(BeanConditions::isFinalBusinessMethod)
              .forEach(
                  method ->
                      events.add(
                          SimpleConditionEvent.violated(
                              method, "%s is final".formatted(method.getFullName()))));
        }
      };

  private BeanConditions() {}

  private static boolean canBeCalledByProxy(JavaConstructor constructor) {
    return constructor.getRawParameterTypes().isEmpty()
        && !constructor.getModifiers().contains(JavaModifier.PRIVATE);
  }

  private static boolean isFinalBusinessMethod(JavaMethod method) {
    Set<JavaModifier> modifiers = method.getModifiers();
    return modifiers.contains(JavaModifier.FINAL)
        && !modifiers.contains(JavaModifier.PRIVATE)
        && !modifiers.contains(JavaModifier.STATIC);
  }
}
