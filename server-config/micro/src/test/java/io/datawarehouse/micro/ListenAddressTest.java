package io.datawarehouse.micro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {

  private static final Map<String, String> NOTHING = Map.of();

  @Test
  void listensOnLoopbackUnlessTold() {
    assertThat(ListenAddress.from(NOTHING::get, NOTHING::get))
        .isEqualTo(new ListenAddress("127.0.0.1", 8080));
  }

  @Test
  void takesThePropertyBeforeTheVariable() {
    Map<String, String> properties = Map.of("dw.port", "9001");
    Map<String, String> environment = Map.of("DW_PORT", "9002", "DW_BIND", "0.0.0.0");

    assertThat(ListenAddress.from(properties::get, environment::get))
        .isEqualTo(new ListenAddress("0.0.0.0", 9001));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1", "65536", "http", "80 80", "99999999999"})
  void refusesWhatIsNoPort(String port) {
    Map<String, String> properties = Map.of("dw.port", port);

    assertThatThrownBy(() -> ListenAddress.from(properties::get, NOTHING::get))
        .isInstanceOf(StartFailure.class)
        .hasMessage("dw.port is '" + port + "': a number from 1 to 65535 is needed");
  }

  @Test
  void refusesABlankAddress() {
    assertThatThrownBy(() -> new ListenAddress(" ", 8080))
        .isInstanceOf(StartFailure.class)
        .hasMessageContaining("dw.bind is ' '");
  }

  @Test
  void writesAnIpv6AddressInBrackets() {
    Map<String, String> properties = Map.of("dw.bind", "[::1]");

    ListenAddress address = ListenAddress.from(properties::get, NOTHING::get);

    assertThat(address.bind()).isEqualTo("::1");
    assertThat(address.isIpv6()).isTrue();
    assertThat(address).hasToString("[::1]:8080");
  }

  @Test
  void saysThatAPortIsTaken() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      ListenAddress address = new ListenAddress("127.0.0.1", taken.getLocalPort());

      assertThatThrownBy(address::requireFree)
          .isInstanceOf(StartFailure.class)
          .hasMessageStartingWith("cannot listen on 127.0.0.1:" + taken.getLocalPort() + ": ");
    }
  }
}
