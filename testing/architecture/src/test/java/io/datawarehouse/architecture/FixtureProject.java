package io.datawarehouse.architecture;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * Builds a fixture project with the real POM of a module, so that the fixture shows what the module
 * itself is held to. Called by the {@code prepare.groovy} of a fixture.
 */
public final class FixtureProject {

  private static final String PARENT = "<relativePath>../pom.xml</relativePath>";
  private static final String FIRST_DEPENDENCY = "  <dependencies>\n";

  private FixtureProject() {}

  /**
   * Replaces the fixture's POM by the module's, with more dependencies.
   *
   * @param basedir of the fixture, five levels below the root of the reactor
   * @param module folder of the module
   * @param dependencies to add, each {@code group:artifact:version:scope}
   */
  public static void useRealPom(File basedir, String module, String... dependencies)
      throws IOException {
    Path root = basedir.toPath().toRealPath().resolve("../../../../..").normalize();
    String pom = Files.readString(root.resolve(module).resolve("pom.xml"));
    pom =
        replaceOnce(pom, PARENT, PARENT.replace("../pom.xml", root.resolve("pom.xml").toString()));
    for (String dependency : dependencies) {
      pom = replaceOnce(pom, FIRST_DEPENDENCY, FIRST_DEPENDENCY + element(dependency));
    }
    Files.writeString(basedir.toPath().resolve("pom.xml"), pom);
  }

  /**
   * Copies the module's own sources and what its last release was into the fixture, with one
   * change.
   *
   * @param file the source to change, below {@code src/main/java}
   * @param target what is in it, once or more; the first is replaced
   */
  public static void useRealSources(
      File basedir, String module, String file, String target, String replacement)
      throws IOException {
    Path root = basedir.toPath().toRealPath().resolve("../../../../..").normalize();
    for (String part : List.of("src/main", "src/baseline")) {
      Path from = root.resolve(module).resolve(part);
      try (Stream<Path> all = Files.walk(from)) {
        for (Path source : all.filter(Files::isRegularFile).toList()) {
          Path copy = basedir.toPath().resolve(part).resolve(from.relativize(source).toString());
          Files.createDirectories(copy.getParent());
          Files.copy(source, copy, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    Path changed = basedir.toPath().resolve("src/main/java").resolve(file);
    Files.writeString(changed, replaceOnce(Files.readString(changed), target, replacement));
  }

  private static String element(String dependency) {
    String[] parts = dependency.split(":", -1);
    return """
        <dependency>
          <groupId>%s</groupId>
          <artifactId>%s</artifactId>
          <version>%s</version>
          <scope>%s</scope>
        </dependency>
        """
        .formatted((Object[]) parts);
  }

  private static String replaceOnce(String text, String target, String replacement) {
    int at = text.indexOf(target);
    if (at < 0) {
      throw new IllegalArgumentException("there is no " + target);
    }
    return text.substring(0, at) + replacement + text.substring(at + target.length());
  }
}
