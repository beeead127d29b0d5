package io.datawarehouse.benchmarks.peers.vertx;

import io.datawarehouse.benchmarks.peers.Peer;
import io.datawarehouse.benchmarks.peers.PeerProgram;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.spi.cluster.ClusterManager;
import io.vertx.ext.cluster.infinispan.InfinispanClusterManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Request and reply on the clustered event bus of Vert.x, members kept by Infinispan. */
public final class VertxEcho implements Peer {

  private static final String ADDRESS = "bench.echo";

  private Vertx vertx;
  private EventBus bus;

  /** Runs one of the two programs. */
  public static void main(String[] arguments) {
    PeerProgram.run(new VertxEcho(), arguments);
  }

  private void start(int port, int other) throws Exception {
    System.setProperty("vertx.jgroups.config", "loopback.xml");
    System.setProperty("bench.port", String.valueOf(port));
    System.setProperty("bench.others", "127.0.0.1[" + other + "]");
    ClusterManager members = new InfinispanClusterManager();
    vertx =
        Vertx.builder()
            .with(
                new VertxOptions()
                    .setEventBusOptions(
                        new EventBusOptions().setHost("127.0.0.1").setTcpNoDelay(true)))
            .withClusterManager(members)
            .buildClustered()
            .toCompletionStage()
            .toCompletableFuture()
            .get(60, TimeUnit.SECONDS);
    bus = vertx.eventBus();
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return free.getLocalPort();
    }
  }

  @Override
  public String serve() throws Exception {
    int port = freePort();
    start(port, port);
    bus.<Buffer>consumer(ADDRESS, message -> message.reply(message.body()))
        .completion()
        .toCompletionStage()
        .toCompletableFuture()
        .get(60, TimeUnit.SECONDS);
    return String.valueOf(port);
  }

  @Override
  public void connect(String place, Duration limit) throws Exception {
    start(freePort(), Integer.parseInt(place));
    bus.request(ADDRESS, Buffer.buffer("first"))
        .toCompletionStage()
        .toCompletableFuture()
        .get(limit.toSeconds(), TimeUnit.SECONDS);
  }

  @Override
  public Object payloadOf(byte[] bytes) {
    return Buffer.buffer(bytes);
  }

  @Override
  public void ask(Object payload, Answered answered) {
    bus.<Buffer>request(ADDRESS, payload)
        .onComplete(
            answer -> {
              Message<Buffer> message = answer.result();
              answered.accept(answer.succeeded() ? message.body().length() : 0, answer.cause());
            });
  }

  @Override
  public void close() {
    vertx.close();
  }
}
