package io.datawarehouse.web.platform;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Knows of every connection whether it owes the head of a request, and since when: from the moment
 * that it was accepted, or that the first byte of another request came, until the head is complete.
 * However slowly a client sends, byte by byte, it has that time and no more. Thread-safe.
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
  private final Map<C, Client> clients = new ConcurrentHashMap<>();

  /**
   * Begins to watch.
   *
   * @param limit how long a head may take
   * @param nanos a clock that only goes forward
   */
  HeadWatch(Duration limit, LongSupplier nanos) {
    this.limit = limit.toNanos();
    this.nanos = nanos;
  }

  void accepted(C connection) {
    clients.put(connection, new Client(nanos.getAsLong()));
  }

  /** Bytes came, of a head or of a body. */
  void received(C connection) {
    Client client = clients.get(connection);
    if (client != null && client.awaited == Awaited.REQUEST) {
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

  /** Returns the connections whose time is over, and forgets them. */
  List<C> takeLate() {
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
