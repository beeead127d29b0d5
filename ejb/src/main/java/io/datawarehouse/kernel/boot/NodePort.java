package io.datawarehouse.kernel.boot;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;

/**
 * Which port a server of a node is to have. Immutable.
 *
 * @param wanted the port; 0 for any
 * @param exact whether it must be that one, as somebody said so; else any other is taken where that
 *     one is not free, as for a second node of one machine
 */
record NodePort(int wanted, boolean exact) {

  private static final System.Logger LOG = System.getLogger(NodePort.class.getName());

  /**
   * A port that is this node's from when it is chosen until its server takes it: others have to be
   * told of it before. Confined to one thread.
   */
  static final class Held implements AutoCloseable {
    private final int number;
    private final Optional<Closeable> holder;

    private Held(int number, Optional<Closeable> holder) {
      this.number = number;
      this.holder = holder;
    }

    int number() {
      return number;
    }

    /** Lets go of it, right before its server takes it; does nothing the second time. */
    @Override
    public void close() throws IOException {
      if (holder.isPresent()) {
        holder.get().close();
      }
    }
  }

  /**
   * Chooses the port. Where somebody said which, it is left to its server to take it or to fail;
   * one that an earlier run has not let go yet may be waited for.
   *
   * @throws IOException if the address has no port to give
   */
  Held hold(InetAddress address) throws IOException {
    if (exact && wanted != 0) {
      return new Held(wanted, Optional.empty());
    }
    Optional<Held> usual = wanted == 0 ? Optional.empty() : holdUsual(address);
    return usual.isPresent() ? usual.get() : bound(address, 0);
  }

  /** What an earlier run left behind there keeps nobody out who listens. */
  private Optional<Held> holdUsual(InetAddress address) {
    try {
      return Optional.of(bound(address, wanted));
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "port " + wanted + " is used in some way", e);
    }
    try {
      return Optional.of(new Held(wanted, Optional.of(new ServerSocket(wanted, 1, address))));
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "port " + wanted + " is not free", e);
      return Optional.empty();
    }
  }

  /** A socket that does not listen: whoever connects is turned away at once. */
  private static Held bound(InetAddress address, int port) throws IOException {
    Socket holder = new Socket();
    try {
      holder.setReuseAddress(false);
      holder.bind(new InetSocketAddress(address, port));
      return new Held(holder.getLocalPort(), Optional.of(holder));
    } catch (IOException e) {
      holder.close();
      throw e;
    }
  }
}
