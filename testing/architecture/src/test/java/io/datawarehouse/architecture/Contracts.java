package io.datawarehouse.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.datawarehouse.sdk.capability.CapabilityKey;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Which interfaces of the SDK have a contract test in the test kit: {@code sdk.x.Thing} has {@code
 * testkit.x.ThingContract}, which is abstract, asks for a Thing, and tests it.
 */
final class Contracts {

  static final DescribedPredicate<JavaClass> DECLARE_A_CAPABILITY =
      DescribedPredicate.describe(
          "declare a capability",
          type ->
              type.isInterface()
                  && type.getFields().stream()
                      .anyMatch(field -> field.getRawType().isEquivalentTo(CapabilityKey.class)));

  static final ArchCondition<JavaClass> HAVE_A_CONTRACT =
      new ArchCondition<>("have a contract test in the test kit") {
        @Override
        public void check(JavaClass type, ConditionEvents events) {
          Optional<String> problem = problemWith(type.reflect());
          events.add(
              new SimpleConditionEvent(
                  type,
                  problem.isEmpty(),
                  problem.orElse(type.getName() + " has " + contractOf(type.reflect()))));
        }
      };

  private Contracts() {}

  /** Returns the name that the contract of an interface must have. */
  static String contractOf(Class<?> type) {
    return type.getPackageName().replace("io.datawarehouse.sdk", "io.datawarehouse.testkit")
        + "."
        + type.getSimpleName()
        + "Contract";
  }

  /** Returns what is wrong with the contract of an interface. */
  static Optional<String> problemWith(Class<?> type) {
    Class<?> contract;
    try {
      contract = Class.forName(contractOf(type));
    } catch (ClassNotFoundException e) {
      return Optional.of(type.getName() + " has no " + contractOf(type));
    }
    if (!Modifier.isAbstract(contract.getModifiers())
        || !Modifier.isPublic(contract.getModifiers())) {
      return Optional.of(
          "%s of %s is not public and abstract".formatted(contract.getName(), type.getName()));
    }
    if (tests(contract).noneMatch(method -> method.isAnnotationPresent(Test.class))) {
      return Optional.of("%s of %s has no test".formatted(contract.getName(), type.getName()));
    }
    boolean asks =
        methods(contract)
            .filter(method -> Modifier.isAbstract(method.getModifiers()))
            .map(Method::getGenericReturnType)
            .map(Type::getTypeName)
            .anyMatch(name -> name.contains(type.getName()));
    return asks
        ? Optional.empty()
        : Optional.of("%s does not ask for a %s".formatted(contract.getName(), type.getName()));
  }

  /** Returns the methods of the contract and of the classes that are nested in it. */
  private static Stream<Method> tests(Class<?> contract) {
    return Stream.concat(
        methods(contract),
        Arrays.stream(contract.getDeclaredClasses()).flatMap(Contracts::methods));
  }

  private static Stream<Method> methods(Class<?> contract) {
    return Stream.<Class<?>>iterate(contract, type -> type != null, Class::getSuperclass)
        .flatMap(type -> Arrays.stream(type.getDeclaredMethods()));
  }
}
