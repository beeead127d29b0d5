package io.datawarehouse.it.platform;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs the command {@code bin/dw} as a person would, on the jar that was built. */
final class DwCommand {

  private static final long SECONDS = 330;

  /** Java as the command starts it where nobody says anything else. */
  static final Map<String, String> USUAL_JAVA = Map.of("DW_JAVA_OPTS", "");

  /** Starts in half the time; nothing that is tested depends on it. */
  static final String QUICK_JAVA = "-Xmx512m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

  private final Path directory;

  /** Runs in that directory, which must be there. */
  DwCommand(Path directory) {
    this.directory = directory;
    QuickStarts.archive();
  }

  /** What a run of the command came to. */
  record Result(int exitCode, String output, String errors) {

    /** The lines on standard error. */
    List<String> errorLines() {
      return errors.lines().toList();
    }
  }

  /** Runs the command to its end. */
  Result run(String... arguments) {
    return run(Map.of(), arguments);
  }

  /** Runs the command to its end, with further variables in its environment. */
  Result run(Map<String, String> environment, String... arguments) {
    try {
      Path output = Files.createTempFile(directory, "dw", ".out");
      Path errors = Files.createTempFile(directory, "dw", ".err");
      ProcessBuilder builder = builder(environment, arguments);
      builder.redirectOutput(output.toFile()).redirectError(errors.toFile());
      Process process = builder.start();
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(List.of(arguments) + " takes too long");
      }
      Result result =
          new Result(process.exitValue(), Files.readString(output), Files.readString(errors));
      Files.delete(output);
      Files.delete(errors);
      return result;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Starts the command and returns at once. */
  Process startInBackground(String... arguments) {
    try {
      return builder(Map.of(), arguments)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts the command and reads its output up to the line that holds the text. */
  Process startUntil(String text, String... arguments) {
    return startUntil(Map.of(), text, arguments);
  }

  /** Does so with further variables in its environment. */
  Process startUntil(Map<String, String> environment, String text, String... arguments) {
    try {
      Process process = builder(environment, arguments).redirectErrorStream(true).start();
      BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
      StringBuilder read = new StringBuilder();
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        read.append(line).append('\n');
        if (line.contains(text)) {
          return process;
        }
      }
      throw new IllegalStateException("ended without '" + text + "':\n" + read);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ProcessBuilder builder(Map<String, String> environment, String... arguments) {
    // The tests may run with SIGINT ignored, which a shell script cannot undo by itself.
    List<String> line = new ArrayList<>(List.of("env", "--default-signal=INT"));
    line.add(Places.dwCommand().toString());
    line.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(line).directory(directory.toFile()).redirectInput(new File("/dev/null"));
    builder.environment().put("DW_JAR", Places.nodeJar().toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("DW_JAVA_OPTS", QUICK_JAVA);
    builder.environment().putAll(environment);
    return builder;
  }
}
