package io.datawarehouse.benchmarks.peers.jgroups;

import io.datawarehouse.benchmarks.peers.Peer;
import io.datawarehouse.benchmarks.peers.PeerProgram;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.jgroups.Address;
import org.jgroups.JChannel;
import org.jgroups.Message;
import org.jgroups.blocks.MethodCall;
import org.jgroups.blocks.RequestOptions;
import org.jgroups.blocks.ResponseMode;
import org.jgroups.blocks.RpcDispatcher;

/** A remote call by number on JGroups, over its TCP transport. */
public final class JGroupsEcho implements Peer {

  private static final short ECHO = 0;

  private static final RequestOptions OPTIONS =
      new RequestOptions(ResponseMode.GET_ALL, 30_000)
          .flags(Message.Flag.OOB)
          .transientFlags(Message.TransientFlag.DONT_LOOPBACK);

  private JChannel channel;
  private RpcDispatcher dispatcher;
  private Address server;

  /** Runs one of the two programs. */
  public static void main(String[] arguments) {
    PeerProgram.run(new JGroupsEcho(), arguments);
  }

  /** What the other process calls. */
  public byte[] echo(byte[] bytes) {
    return bytes;
  }

  private void start(int port, int other) throws Exception {
    System.setProperty("bench.port", String.valueOf(port));
    System.setProperty("bench.others", "127.0.0.1[" + other + "]");
    channel = new JChannel("loopback.xml");
    dispatcher = new RpcDispatcher(channel, this);
    Method echo = JGroupsEcho.class.getMethod("echo", byte[].class);
    dispatcher.setMethodLookup(number -> echo);
    channel.connect("bench");
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
    long begin = System.nanoTime();
    while (channel.getView().size() < 2) {
      if (System.nanoTime() - begin > limit.toNanos()) {
        throw new IllegalStateException("the server is not there");
      }
      Thread.sleep(20);
    }
    server = channel.getView().getCoord();
  }

  @Override
  public void ask(Object payload, Answered answered) {
    try {
      dispatcher
          .<byte[]>callRemoteMethodWithFuture(server, new MethodCall(ECHO, payload), OPTIONS)
          .whenComplete(
              (answer, thrown) -> answered.accept(thrown == null ? answer.length : 0, thrown));
    } catch (Exception e) {
      answered.accept(0, e);
    }
  }

  @Override
  public void close() {
    channel.close();
  }
}
