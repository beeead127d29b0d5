package io.datawarehouse.it.platform;

import java.nio.file.Path;

/** Where the build put what the tests run, and where they may write. */
public final class Places {

  private Places() {}

  /** The runnable jar. */
  public static Path microJar() {
    return place("it.micro.jar");
  }

  /** The EAR. */
  public static Path ear() {
    return place("it.ear");
  }

  /** The jar of the same node, with its libraries beside it. */
  public static Path nodeJar() {
    return microJar().resolveSibling("node").resolve("datawarehouse-node.jar");
  }

  /** The command {@code bin/dw}. */
  public static Path dwCommand() {
    return repository().resolve("bin").resolve("dw");
  }

  /** What newcomers read first. */
  public static Path readme() {
    return repository().resolve("README.md");
  }

  /** The script of settings that an operator applies to a domain of Payara Server. */
  public static Path serverSettings() {
    return repository().resolve("server-config/payara-server/configure.asadmin");
  }

  /** The unpacked Payara Server. */
  public static Path payaraServer() {
    return place("it.payara.directory");
  }

  /** A directory for the named test. */
  public static Path work(String name) {
    return place("it.directory").resolve(name);
  }

  private static Path repository() {
    return place("it.repository");
  }

  private static Path place(String property) {
    String value = System.getProperty(property);
    if (value == null) {
      throw new IllegalStateException("run by Maven, which sets the system property " + property);
    }
    return Path.of(value).toAbsolutePath().normalize();
  }
}
