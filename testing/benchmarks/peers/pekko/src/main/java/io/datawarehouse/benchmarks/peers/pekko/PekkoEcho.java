package io.datawarehouse.benchmarks.peers.pekko;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.datawarehouse.benchmarks.peers.Peer;
import io.datawarehouse.benchmarks.peers.PeerProgram;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.pattern.Patterns;

/** Asking an actor of another system, over Artery's TCP transport. */
public final class PekkoEcho implements Peer {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private ActorSystem system;
  private ActorRef server;

  /** Answers with what it gets. */
  public static final class Echo extends AbstractActor {
    @Override
    public Receive createReceive() {
      return receiveBuilder()
          .match(byte[].class, bytes -> getSender().tell(bytes, getSelf()))
          .build();
    }
  }

  /** Runs one of the two programs. */
  public static void main(String[] arguments) {
    PeerProgram.run(new PekkoEcho(), arguments);
  }

  private void start(String name) {
    Config config =
        ConfigFactory.parseString(
                String.join(
                    "\n",
                    "pekko.actor.provider = remote",
                    "pekko.loglevel = OFF",
                    "pekko.stdout-loglevel = OFF",
                    "pekko.actor.allow-java-serialization = off",
                    // Arrays of bytes have a serializer of their own; the default is CBOR by
                    // Jackson.
                    "pekko.remote.artery.transport = tcp",
                    "pekko.remote.artery.canonical.hostname = 127.0.0.1",
                    "pekko.remote.artery.canonical.port = 0",
                    "pekko.remote.artery.advanced.inbound-lanes = 1",
                    "pekko.remote.artery.advanced.outbound-lanes = 1",
                    "pekko.actor.default-dispatcher.fork-join-executor.parallelism-min = 2",
                    "pekko.actor.internal-dispatcher.fork-join-executor.parallelism-min = 2",
                    "pekko.remote.default-remote-dispatcher.fork-join-executor.parallelism-min = 2"))
            .withFallback(ConfigFactory.load());
    system = ActorSystem.create(name, config);
  }

  @Override
  public String serve() {
    start("server");
    ActorRef echo = system.actorOf(Props.create(Echo.class), "echo");
    return echo.path().toStringWithAddress(system.provider().getDefaultAddress());
  }

  @Override
  public void connect(String place, Duration limit) throws Exception {
    start("client");
    server =
        system
            .actorSelection(place)
            .resolveOne(limit)
            .toCompletableFuture()
            .get(limit.toSeconds(), TimeUnit.SECONDS);
  }

  @Override
  public void ask(Object payload, Answered answered) {
    Patterns.ask(server, payload, LIMIT)
        .whenComplete(
            (answer, thrown) ->
                answered.accept(answer instanceof byte[] back ? back.length : 0, thrown));
  }

  @Override
  public void close() {
    system.terminate();
  }
}
