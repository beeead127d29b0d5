package io.datawarehouse.architecture;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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
      throw new IllegalArgumentException("the POM has no " + target);
    }
    return text.substring(0, at) + replacement + text.substring(at + target.length());
  }
}
