package io.datawarehouse.testkit.p2p;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.federation.FederationNode;
import io.datawarehouse.sdk.p2p.P2PNetwork;
import io.datawarehouse.sdk.p2p.Peer;
import io.datawarehouse.sdk.p2p.PeerMessage;
import io.datawarehouse.testkit.federation.SamplePeer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A network in one process that loses some of what it carries. Thread-safe. */
class SampleNet implements AutoCloseable {

  private static final String TOKEN = "good";
  private static final int WAITING = 100;

  private final Random random = new Random(1);
  private final Map<NodeId, Socket> sockets = new ConcurrentHashMap<>();
  private final Map<NodeId, FederationNode> contents = new ConcurrentHashMap<>();

  /** Lets somebody in who has the token. */
  P2PNetwork join(String name) {
    return join(new NodeId(name), TOKEN).orElseThrow();
  }

  /** Lets somebody in, or not. */
  Optional<P2PNetwork> join(NodeId id, String token) {
    if (!token.equals(TOKEN) && !letsAnybodyIn()) {
      return Optional.empty();
    }
    Socket socket = new Socket(id);
    sockets.put(id, socket);
    contents.put(id, new SamplePeer(id.value()));
    sockets.values().forEach(other -> other.listeners.forEach(Runnable::run));
    return Optional.of(socket);
  }

  boolean letsAnybodyIn() {
    return false;
  }

  /** Brings a message on its way. */
  boolean send(Socket to, Runnable delivery) {
    try {
      to.inbox.execute(delivery);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** Returns whether the first receiver stays where there is a second. */
  boolean keepsFirstReceiver() {
    return true;
  }

  @Override
  public void close() {
    sockets.values().forEach(socket -> socket.inbox.shutdownNow());
  }

  /** One peer's end. */
  final class Socket implements P2PNetwork {
    private final NodeId id;
    private final Map<String, Receiver> receivers = new ConcurrentHashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final ThreadPoolExecutor inbox =
        new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING));

    Socket(NodeId id) {
      this.id = id;
    }

    @Override
    public Peer self() {
      return new Peer(id, id + ":9000", "z");
    }

    @Override
    public SortedSet<Peer> peers() {
      SortedSet<Peer> peers = new TreeSet<>();
      for (Socket socket : sockets.values()) {
        if (socket != this) {
          peers.add(socket.self());
        }
      }
      return peers;
    }

    @Override
    public CompletionStage<SortedSet<Peer>> discover(Duration limit) {
      return CompletableFuture.completedFuture(peers());
    }

    @Override
    public Optional<FederationNode> federation(NodeId peer) {
      return Optional.ofNullable(contents.get(peer));
    }

    @Override
    public boolean offer(NodeId to, PeerMessage message) {
      Socket socket = sockets.get(to);
      if (socket == null) {
        return false;
      }
      boolean lost;
      synchronized (random) {
        lost = random.nextInt(10) == 0;
      }
      return lost || send(socket, () -> socket.take(id, message));
    }

    private void take(NodeId from, PeerMessage message) {
      Receiver receiver = receivers.get(message.channel());
      if (receiver != null) {
        try {
          receiver.onMessage(from, message);
        } catch (RuntimeException e) {
          System.getLogger(SampleNet.class.getName())
              .log(System.Logger.Level.DEBUG, "a receiver failed", e);
        }
      }
    }

    @Override
    public Watch receive(String channel, Receiver receiver) {
      if (keepsFirstReceiver()) {
        if (receivers.putIfAbsent(channel, receiver) != null) {
          throw new WarehouseException(
              StandardErrorCode.DUPLICATE_HANDLER, channel + " has a receiver already");
        }
      } else {
        receivers.put(channel, receiver);
      }
      return () -> receivers.remove(channel, receiver);
    }

    @Override
    public Watch watch(Runnable listener) {
      listeners.add(listener);
      return () -> listeners.remove(listener);
    }
  }
}
