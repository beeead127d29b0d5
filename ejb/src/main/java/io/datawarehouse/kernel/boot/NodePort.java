package io.datawarehouse.kernel.boot;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Optional;

/**
 * Which port a server of a node is to have. Immutable.
 *
 * @param wanted the port; 0 for any
 * @param exact whether it must be that one, as somebody said so; else any other is taken where that
 *     one is not free, as for a second node of one machine
 */
record NodePort(int wanted, boolean exact) {

  private static final int BACKLOG = 1;

  /**
   * A port that is this node's from when it is chosen until its server takes it: others have to be
   * told of it before. Confined to one thread.
   */
  static final class Held implements AutoCloseable {
    private final int number;
    private final Optional<ServerSocket> holder;

    private Held(int number, Optional<ServerSocket> holder) {
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
   * Chooses the port. Where somebody said which, it is left to its server to wait until it is free:
   * an earlier run may still be about to end.
   *
   * @throws IOException if the address has no port to give
   */
  Held hold(InetAddress address) throws IOException {
    if (exact && wanted != 0) {
      return new Held(wanted, Optional.empty());
    }
    ServerSocket holder;
    try {
      holder = new ServerSocket(wanted, BACKLOG, address);
    } catch (IOException e) {
      if (wanted == 0) {
        throw e;
      }
      holder = new ServerSocket(0, BACKLOG, address);
    }
    return new Held(holder.getLocalPort(), Optional.of(holder));
  }
}
