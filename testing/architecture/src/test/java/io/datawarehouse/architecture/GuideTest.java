package io.datawarehouse.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the guide for authors of plugins shows is what is built and tested. */
class GuideTest {

  private static final Path ROOT = Path.of("..", "..");
  private static final Path GUIDE = ROOT.resolve(Path.of("docs", "plugin-guide.md"));

  /** A block of code, with the comment before it that names the source. */
  private static final Pattern BLOCK =
      Pattern.compile("(?m)^(?:<!-- (\\S+) -->\\R)?```(java|xml)\\R(.*?)^```$", Pattern.DOTALL);

  private record Block(Optional<String> source, String text) {}

  @Test
  void codeIsTheSameAsInTheSources() throws IOException {
    List<Block> blocks = blocks(Files.readString(GUIDE));

    assertThat(blocks).hasSizeGreaterThanOrEqualTo(10);
    for (Block block : blocks) {
      assertThat(block.source()).as("the source of %s", block.text()).isPresent();
      Path source = ROOT.resolve(block.source().orElseThrow());
      assertThat(source).isRegularFile();
      assertThat(holds(Files.readString(source), block.text()))
          .as("%s holds%n%s", source, block.text())
          .isTrue();
    }
  }

  @Test
  void everySourceOfTheGuidesPluginsIsShown() throws IOException {
    List<String> shown = new ArrayList<>();
    blocks(Files.readString(GUIDE)).forEach(block -> block.source().ifPresent(shown::add));

    assertThat(shown)
        .anyMatch(source -> source.endsWith("/ShelfPlugin.java"))
        .anyMatch(source -> source.endsWith("/Shelf.java"))
        .anyMatch(source -> source.endsWith("/ShelfContractTest.java"))
        .anyMatch(source -> source.endsWith("/TenantPlugin.java"))
        .anyMatch(source -> source.endsWith("/TenantContractTest.java"))
        .anyMatch(source -> source.endsWith("/QuietestPlugin.java"))
        .anyMatch(source -> source.endsWith("/QuietestSelector.java"))
        .anyMatch(source -> source.endsWith("/QuietestContractTest.java"));
  }

  @Test
  void driftIsFound() {
    String source = "class A {\n  void one() {\n    two();\n  }\n}\n";

    assertThat(holds(source, "void one() {\n  two();\n}\n")).isTrue();
    assertThat(holds(source, "void one() {\n  three();\n}\n")).isFalse();
    assertThat(holds(source, "void one() {\n}\n")).as("a line less").isFalse();
    assertThat(blocks("text\n\n```java\nint a;\n```\n"))
        .singleElement()
        .satisfies(block -> assertThat(block.source()).isEmpty());
  }

  private static List<Block> blocks(String guide) {
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(guide);
    while (matcher.find()) {
      blocks.add(new Block(Optional.ofNullable(matcher.group(1)), matcher.group(3)));
    }
    return blocks;
  }

  /** Returns whether a source holds these lines, one after the other, indented alike. */
  private static boolean holds(String source, String block) {
    List<String> lines = source.lines().toList();
    // Without the last line's end: an empty last line would count as one that is not indented.
    List<String> wanted = unindented(block.stripTrailing());
    for (int at = 0; at + wanted.size() <= lines.size(); at++) {
      String window = String.join("\n", lines.subList(at, at + wanted.size()));
      if (unindented(window).equals(wanted)) {
        return true;
      }
    }
    return false;
  }

  private static List<String> unindented(String text) {
    return text.stripIndent().lines().map(String::stripTrailing).toList();
  }
}
