package io.datawarehouse.kernel.coordination.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jgroups.Header;
import org.jgroups.conf.ClassConfigurator;
import org.junit.jupiter.api.Test;

/**
 * A node that has just made its channel, and has sent nothing yet, can read whatever others send.
 */
class HeadersOnTheWireTest {

  private static final List<Class<?>> PROTOCOLS =
      List.of(CarefulElection.class, GuardedRaft.class, Courier.class, ForeignGroups.class);

  @Test
  void protocolsAnnounceTheirHeadersBeforeTheFirstMessage() throws Exception {
    try (URLClassLoader fresh =
        new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
      for (Class<?> protocol : PROTOCOLS) {
        assertThat(Class.forName(protocol.getName(), true, fresh)).isNotSameAs(protocol);
      }

      Class<?> registry = Class.forName(ClassConfigurator.class.getName(), true, fresh);
      for (Class<? extends Header> header :
          List.of(Candidacy.class, Courier.Mark.class, ForeignGroups.Mark.class)) {
        short number = header.getDeclaredConstructor().newInstance().getMagicId();
        assertThat(registry.getMethod("create", short.class).invoke(null, number).getClass())
            .hasToString("class " + header.getName());
      }
    }
  }

  private static URL[] classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(HeadersOnTheWireTest::url)
        .toArray(URL[]::new);
  }

  private static URL url(String place) {
    try {
      return Path.of(place).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(place, e);
    }
  }
}
