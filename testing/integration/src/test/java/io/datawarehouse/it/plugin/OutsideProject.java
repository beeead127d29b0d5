package io.datawarehouse.it.plugin;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Builds a Maven project that is no part of the reactor, as its author would who has the SDK, or
 * the SDK and the test kit, and nothing else of the product. Without a network: what this build has
 * resolved is the repository.
 */
final class OutsideProject {

  private static final String GROUP = "io/datawarehouse";
  private static final long LIMIT_SECONDS = 300;

  private final Path repository = place("it.repository");
  private final String version = System.getProperty("it.version", "");
  private final Path work;
  private boolean testkit;

  /** Makes a builder that writes into that directory, which is emptied. */
  OutsideProject(Path work) throws IOException {
    this.work = work;
    delete(work);
    Files.createDirectories(work);
  }

  /** Lets the author have the test kit too. */
  OutsideProject withTestkit() {
    testkit = true;
    return this;
  }

  /** Builds the project of that name under {@code src/it}; returns its directory. */
  Path build(String name) throws IOException, InterruptedException {
    Path project = work.resolve(name);
    copy(repository.resolve("testing/integration/src/it").resolve(name), project);
    publishSdk();
    Path log = work.resolve(name + ".log");
    Process maven =
        new ProcessBuilder(
                List.of(
                    maven(),
                    "--batch-mode",
                    "--offline",
                    "--settings",
                    settings().toString(),
                    "-Dmaven.repo.local=" + work.resolve("repository"),
                    "-Daether.offline.protocols=file",
                    "-Ddatawarehouse.version=" + version,
                    "package"))
            .directory(project.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (!maven.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      maven.destroyForcibly();
      throw new IllegalStateException("the build of " + name + " hangs; see " + log);
    }
    if (maven.exitValue() != 0) {
      throw new IllegalStateException(
          "the build of " + name + " failed:\n" + Files.readString(log));
    }
    return project;
  }

  /** Puts the SDK, and the POM that it inherits, where Maven finds what was installed. */
  private void publishSdk() throws IOException {
    put(repository.resolve("pom.xml"), "datawarehouse", "pom");
    put(repository.resolve("sdk-api/pom.xml"), "sdk-api", "pom");
    put(repository.resolve("sdk-api/target/sdk-api-" + version + ".jar"), "sdk-api", "jar");
    if (testkit) {
      Path kit = repository.resolve("testing/testkit");
      put(repository.resolve("testing/pom.xml"), "testing", "pom");
      put(kit.resolve("pom.xml"), "testkit", "pom");
      put(kit.resolve("target/testkit-" + version + ".jar"), "testkit", "jar");
    }
  }

  private void put(Path file, String artifact, String type) throws IOException {
    Path directory =
        Files.createDirectories(
            work.resolve("repository").resolve(GROUP).resolve(artifact).resolve(version));
    Files.copy(file, directory.resolve(artifact + "-" + version + "." + type));
  }

  private Path settings() throws IOException {
    String url = place("it.local.repository").toUri().toString();
    String template =
        Files.readString(repository.resolve("testing/architecture/src/it/settings.xml"));
    return Files.writeString(
        work.resolve("settings.xml"), template.replace("@localRepositoryUrl@", url));
  }

  private static String maven() {
    Path home = place("it.maven.home");
    boolean windows = System.getProperty("os.name", "").startsWith("Windows");
    return home.resolve("bin").resolve(windows ? "mvn.cmd" : "mvn").toString();
  }

  private static Path place(String property) {
    String value = System.getProperty(property);
    if (value == null) {
      throw new IllegalStateException("run by Maven, which sets the system property " + property);
    }
    return Path.of(value).toAbsolutePath().normalize();
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(to.resolve(from.relativize(directory)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.copy(
                file, to.resolve(from.relativize(file)), StandardCopyOption.REPLACE_EXISTING);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void delete(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      return;
    }
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
