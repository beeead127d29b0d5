package io.datawarehouse.micro;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class OwnListenerTest {

  private final OwnListener own = new OwnListener();

  @Test
  void knowsItsOwnAnswerByTheWord() throws IOException {
    own.announce();
    String word = System.getProperty(OwnListener.WORD_PROPERTY);

    try (ServerSocket server = server()) {
      answer(server, "HTTP/1.1 503 Starting\r\nDW-Start: " + word + "\r\n\r\n");

      assertThatCode(() -> own.requireAt(at(server))).doesNotThrowAnyException();
    }
  }

  @Test
  void refusesTheAnswerOfAnotherProcess() throws IOException {
    try (ServerSocket server = server()) {
      answer(server, "HTTP/1.1 200 OK\r\nDW-Start: another\r\n\r\n");

      assertThatThrownBy(() -> own.requireAt(at(server)))
          .isInstanceOf(StartFailure.class)
          .hasMessage("cannot listen on " + at(server) + ": another process answers there");
    }
  }

  @Test
  void refusesAPortWhereNobodyListens() throws IOException {
    ListenAddress gone;
    try (ServerSocket server = server()) {
      gone = at(server);
    }

    assertThatThrownBy(() -> own.requireAt(gone))
        .isInstanceOf(StartFailure.class)
        .hasMessageContaining("does not listen on " + gone);
  }

  private static ServerSocket server() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
  }

  private static ListenAddress at(ServerSocket server) {
    return new ListenAddress("127.0.0.1", server.getLocalPort());
  }

  /** Reads a request's head and answers it. */
  private static void answer(ServerSocket server, String head) {
    CompletableFuture.runAsync(
        () -> {
          try (Socket peer = server.accept()) {
            StringBuilder request = new StringBuilder();
            while (!request.toString().endsWith("\r\n\r\n")) {
              request.append((char) peer.getInputStream().read());
            }
            peer.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        },
        task -> new Thread(task, "answers").start());
  }
}
