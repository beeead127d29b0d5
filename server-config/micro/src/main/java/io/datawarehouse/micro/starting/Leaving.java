package io.datawarehouse.micro.starting;

import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.glassfish.grizzly.nio.transport.TCPNIOTransport;

/**
 * How a node goes when it is told to end. For a while it answers as ever, and says with each answer
 * that it is the last one on its connection; then it takes no new connections; only then the server
 * begins to stop, which closes connections wherever they are. So whoever asks it meanwhile has an
 * answer, and is refused from then on before anything is sent. Thread-safe; one for the process, as
 * signals are the process's.
 */
final class Leaving {

  private static final System.Logger LOG = System.getLogger(Leaving.class.getName());

  /** For how many milliseconds it says so; the launcher sets it. */
  static final String NOTICE = "dw.micro.notice";

  private static final long DEFAULT_NOTICE = 500;

  /** How long connections that were accepted before may stay open; idle ones do. */
  private static final long LAST = 2_000;

  private static final long BETWEEN_LOOKS = 20;

  /** What a shell adds to the number of the signal that ended a process. */
  private static final int BY_SIGNAL = 128;

  private static final AtomicBoolean WATCHING = new AtomicBoolean();
  private static final AtomicBoolean BEGUN = new AtomicBoolean();
  private static final Set<TCPNIOTransport> TRANSPORTS = ConcurrentHashMap.newKeySet();
  private static final AtomicInteger OPEN = new AtomicInteger();

  private Leaving() {}

  /** Has the process go in this way when it gets SIGTERM or SIGINT. */
  static void watch() {
    if (WATCHING.compareAndSet(false, true)) {
      try {
        on("TERM", 15);
        on("INT", 2);
      } catch (ReflectiveOperationException e) {
        LOG.log(
            System.Logger.Level.WARNING,
            "this Java tells nobody of signals (-Xrs?): the node stops without a notice",
            e);
      }
    }
  }

  /**
   * By reflection, as compilers warn of {@code sun.misc.Signal} in a way that cannot be answered.
   * It is the one interface to signals, of the module {@code jdk.unsupported}, which stays until
   * there is another.
   */
  private static void on(String name, int number) throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    Class<?> handler = Class.forName("sun.misc.SignalHandler");
    Object leaving =
        Proxy.newProxyInstance(
            Leaving.class.getClassLoader(),
            new Class<?>[] {handler},
            (self, method, arguments) -> {
              if (method.getName().equals("handle")) {
                leave(number);
              }
              return null;
            });
    Object made = signal.getConstructor(String.class).newInstance(name);
    Object unused = signal.getMethod("handle", signal, handler).invoke(null, made, leaving);
  }

  /** Returns whether it has been told to. */
  static boolean hasBegun() {
    return BEGUN.get();
  }

  /** Notes where connections are going to be accepted. */
  static void listens(TCPNIOTransport transport) {
    TRANSPORTS.add(transport);
  }

  /** Notes where a connection was accepted. */
  static void accepted(TCPNIOTransport transport) {
    TRANSPORTS.add(transport);
    OPEN.incrementAndGet();
  }

  /** Notes that one was closed. */
  static void closed() {
    OPEN.decrementAndGet();
  }

  /** Runs on a thread of the signal's own; a second signal ends the process at once. */
  private static void leave(int signal) {
    try {
      if (BEGUN.compareAndSet(false, true)) {
        pause(Long.getLong(NOTICE, DEFAULT_NOTICE));
        TRANSPORTS.forEach(TCPNIOTransport::unbindAll);
        for (long waited = 0; waited < LAST && OPEN.get() > 0; waited += BETWEEN_LOOKS) {
          pause(BETWEEN_LOOKS);
        }
      }
    } finally {
      System.exit(BY_SIGNAL + signal);
    }
  }

  private static void pause(long millis) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
