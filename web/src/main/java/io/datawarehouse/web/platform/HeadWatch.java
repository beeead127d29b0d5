package io.datawarehouse.web.platform;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Knows of every connection whether it owes the rest of the head of a request, and since when: from
 * the first byte of the request on. However slowly a client sends, byte by byte, it has that time
 * and no more; one that sends nothing at all meets the server's own limit. Thread-safe.
 *
 * @param <C> connections
 */
final class HeadWatch<C> {

  /** What is to come from a client. */
  private enum Awaited {
    /** The rest of a head. */
    HEAD,
    /** A body, or nothing until the request is answered. */
    ANSWER,
    /** Another request, or nothing any more: the server's own limit is for that. */
    REQUEST
  }

  private static final class Client {
    volatile Awaited awaited = Awaited.HEAD;
    volatile long since;

    Client(long now) {
      since = now;
    }
  }

  private final long limit;
  private final LongSupplier nanos;
  private final Predicate<C> open;
  private final Map<C, Client> clients = new ConcurrentHashMap<>();

  /**
   * Begins to watch.
   *
   * @param limit how long a head may take
   * @param nanos a clock that only goes forward
   * @param open tells whether a connection is still open
   */
  HeadWatch(Duration limit, LongSupplier nanos, Predicate<C> open) {
    this.limit = limit.toNanos();
    this.nanos = nanos;
    this.open = open;
  }

  /** Bytes came, of a head or of a body. */
  void received(C connection) {
    Client client = clients.get(connection);
    if (client == null) {
      clients.put(connection, new Client(nanos.getAsLong()));
    } else if (client.awaited == Awaited.REQUEST) {
      client.since = nanos.getAsLong();
      client.awaited = Awaited.HEAD;
    }
  }

  /** A head is complete. */
  void read(C connection) {
    Client client = clients.get(connection);
    if (client != null) {
      client.awaited = Awaited.ANSWER;
    }
  }

  /** A request was answered. */
  void answered(C connection) {
    Client client = clients.get(connection);
    if (client != null) {
      client.awaited = Awaited.REQUEST;
    }
  }

  void closed(C connection) {
    clients.remove(connection);
  }

  /** Returns the connections whose time is over, and forgets them and those that are closed. */
  List<C> takeLate() {
    clients.keySet().removeIf(open.negate());
    long now = nanos.getAsLong();
    List<C> late = new ArrayList<>();
    clients.forEach(
        (connection, client) -> {
          if (client.awaited == Awaited.HEAD && now - client.since >= limit) {
            late.add(connection);
          }
        });
    late.forEach(clients::remove);
    return late;
  }
}
