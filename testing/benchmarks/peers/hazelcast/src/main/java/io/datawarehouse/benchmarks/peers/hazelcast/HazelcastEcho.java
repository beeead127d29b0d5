package io.datawarehouse.benchmarks.peers.hazelcast;

import com.hazelcast.cluster.Member;
import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.core.ExecutionCallback;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.IExecutorService;
import io.datawarehouse.benchmarks.peers.Peer;
import io.datawarehouse.benchmarks.peers.PeerProgram;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;

/** A task for the other member on Hazelcast's executor, which gives back what it carries. */
public final class HazelcastEcho implements Peer {

  private static final String EXECUTOR = "bench";

  private HazelcastInstance instance;
  private IExecutorService executor;
  private Member server;

  /** Runs one of the two programs. */
  public static void main(String[] arguments) {
    PeerProgram.run(new HazelcastEcho(), arguments);
  }

  private void start(int port, int other) {
    Config config = new Config("bench");
    config
        .setProperty("hazelcast.phone.home.enabled", "false")
        .setProperty("hazelcast.logging.type", "none")
        .setProperty("hazelcast.socket.bind.any", "false")
        .setProperty("hazelcast.io.thread.count", "1")
        .setProperty("hazelcast.response.thread.count", "1")
        .setProperty("hazelcast.wait.seconds.before.join", "0");
    config.getJetConfig().setEnabled(false);
    NetworkConfig network = config.getNetworkConfig();
    network.setPort(port).setPortAutoIncrement(false);
    network.getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    JoinConfig join = network.getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    join.getTcpIpConfig().setEnabled(true).addMember("127.0.0.1:" + other);
    config
        .getSerializationConfig()
        .addDataSerializableFactory(EchoTask.FACTORY, type -> new EchoTask());
    config.getExecutorConfig(EXECUTOR).setPoolSize(2).setStatisticsEnabled(false);
    instance = Hazelcast.newHazelcastInstance(config);
    executor = instance.getExecutorService(EXECUTOR);
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
    return String.valueOf(port);
  }

  @Override
  public void connect(String place, Duration limit) throws Exception {
    start(freePort(), Integer.parseInt(place));
    Member self = instance.getCluster().getLocalMember();
    long begin = System.nanoTime();
    while (instance.getCluster().getMembers().size() < 2) {
      if (System.nanoTime() - begin > limit.toNanos()) {
        throw new IllegalStateException("the server is not there");
      }
      Thread.sleep(20);
    }
    server =
        instance.getCluster().getMembers().stream()
            .filter(member -> !member.equals(self))
            .findAny()
            .orElseThrow();
  }

  @Override
  public void ask(Object payload, Answered answered) {
    executor.submitToMember(
        new EchoTask((byte[]) payload),
        server,
        new ExecutionCallback<byte[]>() {
          @Override
          public void onResponse(byte[] response) {
            answered.accept(response.length, null);
          }

          @Override
          public void onFailure(Throwable thrown) {
            answered.accept(0, thrown);
          }
        });
  }

  @Override
  public void close() {
    instance.getLifecycleService().terminate();
  }
}
