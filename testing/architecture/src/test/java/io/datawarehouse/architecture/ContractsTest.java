package io.datawarehouse.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.federation.FederationNode;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.security.SecretManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every contract is there, and is run against something. */
class ContractsTest {

  private static final Path ROOT = Path.of("..", "..");
  private static final Path KIT = ROOT.resolve(Path.of("testing", "testkit", "src", "main"));
  private static final Pattern EXTENDED = Pattern.compile("\\bextends\\s+(\\w+Contract)\\b");

  /** Rules on capabilities are in {@link ProductRules}; these are selected in other ways. */
  @ParameterizedTest
  @ValueSource(classes = {MessageBus.class, FederationNode.class, SecretManager.class})
  void interfaceThatIsNoCapabilityHasAContractToo(Class<?> type) {
    assertThat(Contracts.problemWith(type)).isEmpty();
  }

  @Test
  void capabilitiesAreFound() {
    assertThat(Product.classes().stream().filter(Contracts.DECLARE_A_CAPABILITY))
        .hasSizeGreaterThanOrEqualTo(20);
  }

  @Test
  void everyContractIsRunAgainstAnImplementation() throws IOException {
    Set<String> contracts = new TreeSet<>();
    for (Path source : sources(KIT)) {
      String name = source.getFileName().toString().replace(".java", "");
      if (name.endsWith("Contract")) {
        contracts.add(name);
      }
    }
    assertThat(contracts).hasSizeGreaterThanOrEqualTo(25);

    assertThat(neverExtended(contracts, testSources())).isEmpty();
  }

  @Test
  void contractThatIsNeverRunIsFound() {
    assertThat(
            neverExtended(
                new TreeSet<>(Set.of("RunContract", "ForgottenContract")),
                List.of(
                    "class A extends RunContract {}", "// ForgottenContract is mentioned only")))
        .containsExactly("ForgottenContract");
  }

  private static Set<String> neverExtended(Set<String> contracts, List<String> tests) {
    Set<String> left = new TreeSet<>(contracts);
    for (String test : tests) {
      Matcher matcher = EXTENDED.matcher(test);
      while (matcher.find()) {
        left.remove(matcher.group(1));
      }
    }
    return left;
  }

  private static List<String> testSources() throws IOException {
    List<String> texts = new ArrayList<>();
    for (Path module : modules()) {
      for (Path source : sources(module.resolve(Path.of("src", "test", "java")))) {
        texts.add(Files.readString(source));
      }
    }
    return texts;
  }

  private static List<Path> modules() throws IOException {
    List<Path> modules =
        new ArrayList<>(List.of(ROOT.resolve("ejb"), ROOT.resolve(Path.of("testing", "testkit"))));
    try (Stream<Path> plugins = Files.list(ROOT.resolve("plugins"))) {
      plugins.filter(Files::isDirectory).forEach(modules::add);
    }
    return modules;
  }

  private static List<Path> sources(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList();
    }
  }
}
