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

  private static final String QUICK_COMPILER = "-XX:TieredStopAtLevel=1";
  private static final long COMMAND_SECONDS = 120;
  private static final PayaraDomain INSTANCE = new PayaraDomain("server", 18_100);

  private final String name;
  private final int portBase;
  private final Path directory;
  private final Path dataDirectory;
  private final Path log;

  /**
   * A domain that is not made yet.
   *
   * @param name of the domain and of its directory among those of the tests
   * @param portBase its ports are this one and up to a hundred more
   */
  PayaraDomain(String name, int portBase) {
    this.name = name;
    this.portBase = portBase;
    this.directory = Places.work(name);
    this.dataDirectory = directory.resolve("data");
    this.log = directory.resolve("asadmin.log");
  }

  /** The domain that the tests of the EAR share. */
  public static PayaraDomain instance() {
    return INSTANCE;
  }

  /** A client of the application that is deployed. */
  public NodeClient client() {
    return new NodeClient(base(), dataDirectory);
  }

  /** Where the application answers. */
  URI base() {
    return URI.create("http://127.0.0.1:" + (portBase + 80));
  }

  /**
   * Makes the domain, sets it up and starts it.
   *
   * @param properties settings of the application, {@code key=value}
   */
  public void start(String... properties) {
    try {
      Trees.delete(directory);
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    local("create-domain", "--nopassword=true", "--portbase", "" + portBase, "--checkports=false");
    compileQuickly();
    local("start-domain");
    Runtime.getRuntime().addShutdownHook(new Thread(this::kill, "end-of-payara-domain"));
    remote("multimode", "--file", Places.serverSettings().toString());
    StringBuilder options = new StringBuilder("-Ddw.data.dir=" + dataDirectory);
    for (String property : properties) {
      options.append(":-D").append(property.replace(":", "\\:"));
    }
    remote("create-jvm-options", options.toString());
    local("restart-domain");
  }

  /**
   * A server that lives for minutes is not worth the compiler that takes a server half its start.
   */
  private void compileQuickly() {
    Path domain = directory.resolve("domains").resolve(name).resolve("config/domain.xml");
    try {
      String configuration = Files.readString(domain);
      int first = configuration.indexOf("<jvm-options>");
      if (first < 0) {
        throw new IllegalStateException("no options of Java in " + domain);
      }
      Files.writeString(
          domain,
          configuration.substring(0, first)
              + "<jvm-options>"
              + QUICK_COMPILER
              + "</jvm-options>"
              + configuration.substring(first));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the domain. */
  public void stop() {
    local("stop-domain");
  }

  /** Deploys the application and waits until it serves. */
  void deploy() {
    remote("deploy", "--name", "datawarehouse", Places.ear().toString());
  }

  /** Runs a command on the running domain. */
  public void remote(String command, String... arguments) {
    List<String> line =
        new ArrayList<>(List.of("--host", "127.0.0.1", "--port", "" + (portBase + 48)));
    line.add(command);
    line.addAll(List.of(arguments));
    run(line);
  }

  private void local(String command, String... options) {
    List<String> line = new ArrayList<>(List.of(command));
    line.addAll(List.of(options));
    line.addAll(List.of("--domaindir", directory.resolve("domains").toString(), name));
    run(line);
  }

  /** In case that this process ends without having stopped the domain. */
  private void kill() {
    try {
      start(List.of("stop-domain", "--kill", "--domaindir", directory + "/domains", name))
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
    command.add(QUICK_COMPILER);
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
