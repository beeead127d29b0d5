package io.datawarehouse.it.platform;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A domain of Payara Server of the tests' own, with its own ports, set up with the script that an
 * operator uses.
 */
public final class PayaraDomain {

  private static final String NAME = "it";
  private static final int PORT_BASE = 18_100;
  private static final int ADMIN_PORT = PORT_BASE + 48;
  private static final int HTTP_PORT = PORT_BASE + 80;
  private static final long COMMAND_SECONDS = 120;

  private static final PayaraDomain INSTANCE = new PayaraDomain(Places.work("server"));

  private final Path directory;
  private final Path dataDirectory;
  private final Path log;

  private PayaraDomain(Path directory) {
    this.directory = directory;
    this.dataDirectory = directory.resolve("data");
    this.log = directory.resolve("asadmin.log");
  }

  /** The one domain of this run. */
  public static PayaraDomain instance() {
    return INSTANCE;
  }

  /** A client of the application that is deployed. */
  public NodeClient client() {
    return new NodeClient(URI.create("http://127.0.0.1:" + HTTP_PORT), dataDirectory);
  }

  /** Makes the domain, sets it up and starts it. */
  public void start() {
    try {
      Trees.delete(directory);
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    local("create-domain", "--nopassword=true", "--portbase", "" + PORT_BASE, "--checkports=false");
    local("start-domain");
    Runtime.getRuntime().addShutdownHook(new Thread(this::kill, "end-of-payara-domain"));
    remote("multimode", "--file", Places.serverSettings().toString());
    remote("create-jvm-options", "-Ddw.data.dir=" + dataDirectory);
    local("restart-domain");
  }

  /** Ends the domain. */
  public void stop() {
    local("stop-domain");
  }

  /** Runs a command on the running domain. */
  public void remote(String command, String... arguments) {
    List<String> line = new ArrayList<>(List.of("--host", "127.0.0.1", "--port", "" + ADMIN_PORT));
    line.add(command);
    line.addAll(List.of(arguments));
    run(line);
  }

  private void local(String command, String... options) {
    List<String> line = new ArrayList<>(List.of(command));
    line.addAll(List.of(options));
    line.addAll(List.of("--domaindir", directory.resolve("domains").toString(), NAME));
    run(line);
  }

  /** In case that this process ends without having stopped the domain. */
  private void kill() {
    try {
      start(List.of("stop-domain", "--kill", "--domaindir", directory + "/domains", NAME))
          .waitFor(30, TimeUnit.SECONDS);
    } catch (IOException e) {
      System.err.println("cannot end the domain in " + directory + ": " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run(List<String> line) {
    try {
      Process process = start(line);
      if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("asadmin " + line + " takes too long; see " + log);
      }
      if (process.exitValue() != 0) {
        throw new IllegalStateException("asadmin " + line + " failed:\n" + Files.readString(log));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private Process start(List<String> line) throws IOException {
    Path javaHome = Path.of(System.getProperty("java.home"));
    List<String> command = new ArrayList<>();
    command.add(javaHome.resolve("bin/java").toString());
    command.add("-jar");
    command.add(Places.payaraServer().resolve("glassfish/lib/client/appserver-cli.jar").toString());
    command.addAll(line);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("AS_JAVA", javaHome.toString());
    return builder.start();
  }
}
