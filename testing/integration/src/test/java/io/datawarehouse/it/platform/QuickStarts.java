package io.datawarehouse.it.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The archive of classes with which the node's directory form starts much sooner than the runnable
 * jar. {@code bin/dw prepare} makes it, once for a build; nothing that is tested depends on it.
 */
public final class QuickStarts {

  private static final long SECONDS = 300;
  private static final String PREPARED = "Quick starts are prepared: ";

  private QuickStarts() {}

  /** Returns the options of Java with the archive; none where it could not be made, as in use. */
  public static List<String> options() {
    return archive().map(path -> List.of("-XX:SharedArchiveFile=" + path)).orElse(List.of());
  }

  /** Returns the archive, which is made where there is none yet. */
  static Optional<Path> archive() {
    return Once.ARCHIVE;
  }

  private static final class Once {
    static final Optional<Path> ARCHIVE = prepare();
  }

  private static Optional<Path> prepare() {
    try {
      Path output = Files.createTempFile("dw-prepare", ".out");
      ProcessBuilder builder =
          new ProcessBuilder(Places.dwCommand().toString(), "prepare")
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().put("DW_JAR", Places.nodeJar().toString());
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      Process process = builder.start();
      boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
      String said = Files.readString(output);
      Files.delete(output);
      if (!ended) {
        process.destroy();
      }
      return said.lines()
          .filter(line -> line.startsWith(PREPARED))
          .map(line -> Path.of(line.substring(PREPARED.length())))
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
