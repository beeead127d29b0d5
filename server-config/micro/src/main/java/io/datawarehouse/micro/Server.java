package io.datawarehouse.micro;

import fish.payara.micro.boot.PayaraMicroBoot;
import fish.payara.micro.boot.PayaraMicroLauncher;
import java.net.URI;
import java.nio.file.Path;

/**
 * Creates Payara Micro in either of the two forms that a node has: one runnable jar that holds the
 * server's libraries, or a directory with the same libraries beside its jar. The directory starts
 * faster, because Java can keep what it knows of classes that lie on its class path in a shared
 * archive, and knows nothing of jars inside a jar.
 */
final class Server {

  private static final String SERVER_CLASS = "fish.payara.micro.impl.PayaraMicroImpl";
  private static final String JAR_PROPERTY = "fish.payara.micro.BootJar";
  private static final String DIRECTORY_PROPERTY = "fish.payara.micro.UnpackDir";

  private Server() {}

  /** Creates and starts the server; returns when the application is deployed, or could not be. */
  static PayaraMicroBoot create(String[] arguments) throws Exception {
    Class<?> server;
    try {
      server = Class.forName(SERVER_CLASS);
    } catch (ClassNotFoundException e) {
      // The runnable jar: Payara Micro's own loader finds the server in it.
      return PayaraMicroLauncher.create(arguments);
    }
    URI jar = Server.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    System.setProperty(JAR_PROPERTY, jar.toString());
    System.setProperty(DIRECTORY_PROPERTY, Path.of(jar).resolveSibling("").toString());
    return (PayaraMicroBoot)
        server.getMethod("create", String[].class).invoke(null, (Object) arguments);
  }
}
