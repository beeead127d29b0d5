package io.datawarehouse.micro;

import fish.payara.micro.boot.PayaraMicroBoot;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Starts one node: Payara Micro with the application that this jar holds.
 *
 * <p>Payara Micro alone would stay up, serving nothing, when its application fails to deploy or its
 * port is taken; this class looks first and after, and ends the process with code 1.
 */
public final class MicroNode {

  private static final String STRICT_HEADER_VALUES =
      "org.glassfish.grizzly.http.STRICT_HEADER_VALUE_VALIDATION_RFC_9110";

  /** Until this is set a filter at the listener answers that the node is starting. */
  private static final String OPEN = "dw.micro.open";

  /** For how many milliseconds a node says that it goes, which the same filter's neighbour does. */
  private static final String NOTICE = "dw.micro.notice";

  /** In the log once it is this node that answers; the command waits for it. */
  static final String LISTENING = "DW-LISTENING: ";

  static final String LOG_DIRECTORY_PROPERTY = "dw.log.dir";

  private static final long LOG_FILE_BYTES = 10L * 1024 * 1024;
  private static final int LOG_FILES = 5;
  private static final int FAILED = 1;
  private static final long END_WITHIN_SECONDS = 20;

  private MicroNode() {}

  /**
   * Starts the node and returns once it serves; the process lives on until it is told to end.
   *
   * @param arguments further options of Payara Micro
   */
  public static void main(String[] arguments) {
    FailureWatch watch;
    try {
      // Before the log, which is the other's where the directory is.
      DataDirectory.from(System::getProperty, System::getenv).requireFree();
      watch = redirectOutput();
    } catch (StartFailure e) {
      refuse(e.getMessage());
      return;
    } catch (IOException | UncheckedIOException e) {
      refuse("cannot write the log: " + e);
      return;
    }
    try {
      ListenAddress address = ListenAddress.from(System::getProperty, System::getenv);
      prepare(address);
      System.setProperty(
          NOTICE, Long.toString(Notice.from(System::getProperty, System::getenv).toMillis()));
      address.requireFree();
      OwnListener listener = new OwnListener();
      listener.announce();
      requireApplication(Server.create(arguments));
      listener.requireAt(address);
      System.setProperty(OPEN, Boolean.TRUE.toString());
      System.err.println(LISTENING + address);
    } catch (StartFailure e) {
      report(watch, e.getMessage());
      end();
    } catch (Exception e) {
      e.printStackTrace();
      report(watch, "the server did not start: " + e);
      end();
    }
  }

  /** Says why there will be no node, where there is no log yet. */
  private static void refuse(String reason) {
    System.err.println(FailureWatch.MARKER + reason);
    end();
  }

  private static void prepare(ListenAddress address) {
    System.setProperty(ListenAddress.BIND_PROPERTY, address.bind());
    System.setProperty(ListenAddress.PORT_PROPERTY, Integer.toString(address.port()));
    // Must stand before the first class of java.net is loaded.
    System.setProperty("java.net.preferIPv4Stack", Boolean.toString(!address.isIpv6()));
    // Tags may be UTF-8, which the server would refuse; the application itself refuses control
    // characters in any header, and says which.
    if (System.getProperty(STRICT_HEADER_VALUES) == null) {
      System.setProperty(STRICT_HEADER_VALUES, "false");
    }
  }

  private static void requireApplication(PayaraMicroBoot server) {
    if (server.getRuntime() == null
        || server.getRuntime().getLocalDescriptor().getDeployedApplications().isEmpty()) {
      throw new StartFailure("the application did not deploy; the log above says why");
    }
  }

  private static void report(FailureWatch watch, String reason) {
    if (!watch.seen()) {
      System.err.println(FailureWatch.MARKER + reason);
    }
    System.err.flush();
  }

  /** Ends the process in any case, also where the server's own end hangs. */
  private static void end() {
    Thread watchdog =
        new Thread(
            () -> {
              LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(END_WITHIN_SECONDS));
              Runtime.getRuntime().halt(FAILED);
            },
            "dw-end-watchdog");
    watchdog.setDaemon(true);
    watchdog.start();
    System.exit(FAILED);
  }

  /** Sends standard output and error to the log directory, where one is named. */
  private static FailureWatch redirectOutput() throws IOException {
    String directory = System.getProperty(LOG_DIRECTORY_PROPERTY);
    OutputStream target =
        directory == null
            ? new FileOutputStream(FileDescriptor.err)
            : new RollingLog(Path.of(directory), LOG_FILE_BYTES, LOG_FILES);
    FailureWatch watch = new FailureWatch(target);
    PrintStream printer = new PrintStream(watch, true, StandardCharsets.UTF_8);
    System.setErr(printer);
    if (directory != null) {
      System.setOut(printer);
    }
    return watch;
  }
}
