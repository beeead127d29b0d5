package io.datawarehouse.benchmarks.peers.jgroups;

import io.datawarehouse.benchmarks.peers.Peer;
import io.datawarehouse.benchmarks.peers.PeerProgram;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.jgroups.Address;
import org.jgroups.JChannel;
import org.jgroups.Message;
import org.jgroups.blocks.MethodCall;
import org.jgroups.blocks.RequestOptions;
import org.jgroups.blocks.ResponseMode;
import org.jgroups.blocks.RpcDispatcher;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FRAG2;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.Protocol;

/** A remote call by number on JGroups, over its TCP transport. */
public final class JGroupsEcho implements Peer {

  private static final short ECHO = 0;

  /** A message of 64 KiB goes in one piece and shares a write with others. */
  private static final int BUNDLE = 256 << 10;

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
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    TCP tcp = new TCP();
    tcp.setBindAddress(loopback).setBindPort(port).setPortRange(0);
    tcp.tcpNodelay(true);
    tcp.getDiagnosticsHandler().setEnabled(false);
    tcp.setBundlerType("transfer-queue");
    tcp.getBundler().setMaxSize(BUNDLE);
    TCPPING ping = new TCPPING().setInitialHosts(List.of(new InetSocketAddress(loopback, other)));
    ping.setPortRange(0);
    Protocol[] stack = {
      tcp,
      ping,
      new FD_ALL3(),
      new VERIFY_SUSPECT2(),
      new NAKACK2().useMcastXmit(false),
      new UNICAST3(),
      new STABLE(),
      new GMS().setJoinTimeout(2_000),
      new UFC().setMaxCredits(8_000_000),
      new MFC(),
      new FRAG2().setFragSize(BUNDLE - (16 << 10))
    };
    channel = new JChannel(stack);
    dispatcher = new RpcDispatcher(channel, this);
    Method echo = JGroupsEcho.class.getMethod("echo", byte[].class);
    dispatcher.setMethodLookup(number -> echo);
    channel.connect("bench");
  }

  @Override
  public String serve() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = free.getLocalPort();
    }
    start(port, port);
    return String.valueOf(port);
  }

  @Override
  public void connect(String place, Duration limit) throws Exception {
    start(0, Integer.parseInt(place));
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
  public void ask(byte[] bytes, Answered answered) {
    try {
      dispatcher
          .<byte[]>callRemoteMethodWithFuture(server, new MethodCall(ECHO, bytes), OPTIONS)
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
