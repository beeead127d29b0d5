package io.datawarehouse.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProductRulesTest {

  private static final Path PLUGINS = Path.of("..", "..", "plugins");

  static Stream<Arguments> rules() {
    return Rules.byName().entrySet().stream()
        .map(rule -> Arguments.of(rule.getKey(), rule.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void productObeys(String name, ArchRule rule) {
    rule.check(Product.classes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"sdk", "kernel", "web", "plugin", "testkit"})
  void productHasClassesIn(String layer) {
    assertThat(Product.classes().stream().map(JavaClass::getPackageName).distinct())
        .anyMatch(name -> name.startsWith("io.datawarehouse." + layer));
  }

  @Test
  void everyPluginOfTheReactorIsChecked() throws IOException {
    List<String> sources = pluginSources();

    assertThat(sources).hasSizeGreaterThanOrEqualTo(3);
    assertThat(Product.classes()).extracting(JavaClass::getName).containsAll(sources);
  }

  @Test
  void placesAllowedByNameExistAndSayWhy() {
    assertThat(Product.classes())
        .extracting(JavaClass::getName)
        .containsAll(AllowedPlaces.REASONS.keySet());
    assertThat(AllowedPlaces.REASONS)
        .allSatisfy((place, reason) -> assertThat(reason).isNotBlank());
  }

  /** One class of each plugin module, named by its source file. */
  private static List<String> pluginSources() throws IOException {
    try (Stream<Path> modules = Files.list(PLUGINS)) {
      return modules
          .map(module -> module.resolve(Path.of("src", "main", "java")))
          .filter(Files::isDirectory)
          .map(ProductRulesTest::firstClass)
          .toList();
    }
  }

  private static String firstClass(Path sources) {
    try (Stream<Path> files = Files.walk(sources)) {
      return files
          .filter(file -> file.getFileName().toString().matches("[A-Z]\\w*\\.java"))
          .map(file -> sources.relativize(file).toString())
          .map(file -> file.replaceAll("\\.java$", "").replace('/', '.').replace('\\', '.'))
          .sorted()
          .findFirst()
          .orElseThrow(() -> new AssertionError("no class in " + sources));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
