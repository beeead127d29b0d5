package io.datawarehouse.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class NodePortTest {

  private static final InetAddress HERE = InetAddress.getLoopbackAddress();

  private static ServerSocket listen(int port) throws IOException {
    return new ServerSocket(port, 1, HERE);
  }

  /** A port that nobody has, as far as a test can know. */
  private static int free() throws IOException {
    try (ServerSocket socket = listen(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void nobodyElseGetsAPortUntilItsServerTakesIt() throws IOException {
    NodePort.Held held = new NodePort(0, false).hold(HERE);

    assertThatThrownBy(() -> listen(held.number())).isInstanceOf(BindException.class);

    held.close();
    held.close();
    listen(held.number()).close();
  }

  @Test
  void ofTwoNodesThatStartAtOnceTheSecondGetsAnotherPort() throws IOException {
    NodePort usual = new NodePort(free(), false);
    try (NodePort.Held first = usual.hold(HERE);
        NodePort.Held second = usual.hold(HERE)) {
      assertThat(first.number()).isEqualTo(usual.wanted());
      assertThat(second.number()).isNotEqualTo(first.number()).isPositive();
    }
  }

  @Test
  void whoConnectsBeforeItsServerIsThereIsTurnedAwayAtOnce() throws IOException {
    try (NodePort.Held held = new NodePort(free(), false).hold(HERE)) {
      assertThatThrownBy(() -> new Socket(HERE, held.number()))
          .isInstanceOf(ConnectException.class);
    }
  }

  /** A connection that this side has ended stays for a while, and does not matter to a server. */
  @Test
  void whatAnEarlierRunLeftBehindCostsNobodyTheUsualPort() throws IOException {
    int port;
    try (ServerSocket earlier = listen(0)) {
      port = earlier.getLocalPort();
      try (Socket client = new Socket(HERE, port)) {
        earlier.accept().close();
        assertThat(client.getInputStream().read()).isNegative();
      }
    }
    NodePort.Held held = new NodePort(port, false).hold(HERE);

    assertThat(held.number()).isEqualTo(port);
    held.close();
    listen(port).close();
  }

  @Test
  void whereSomebodySaidWhichItIsThatOneAlsoWhileItIsTaken() throws IOException {
    try (ServerSocket taken = listen(0);
        NodePort.Held held = new NodePort(taken.getLocalPort(), true).hold(HERE)) {
      assertThat(held.number()).isEqualTo(taken.getLocalPort());
    }
  }

  @Test
  void whereSomebodySaidThatAnyWillDoOneIsHeld() throws IOException {
    try (NodePort.Held held = new NodePort(0, true).hold(HERE)) {
      assertThatThrownBy(() -> listen(held.number())).isInstanceOf(BindException.class);
    }
  }

  @Test
  void anAddressOfAnotherMachineHasNone() throws IOException {
    InetAddress elsewhere = InetAddress.getByName("192.0.2.1");

    assertThatThrownBy(() -> new NodePort(0, false).hold(elsewhere))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> new NodePort(free(), false).hold(elsewhere))
        .isInstanceOf(IOException.class);
  }
}
