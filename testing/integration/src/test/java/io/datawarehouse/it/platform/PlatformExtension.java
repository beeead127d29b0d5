package io.datawarehouse.it.platform;

import org.jboss.arquillian.container.spi.event.container.AfterStop;
import org.jboss.arquillian.container.spi.event.container.BeforeStart;
import org.jboss.arquillian.core.api.annotation.Observes;
import org.jboss.arquillian.core.spi.LoadableExtension;

/** Prepares what a container needs before Arquillian speaks to it, and cleans up after it. */
public final class PlatformExtension implements LoadableExtension {

  @Override
  public void register(ExtensionBuilder builder) {
    if ("server".equals(System.getProperty("arquillian.launch"))) {
      builder.observer(ServerObserver.class);
    } else {
      builder.observer(MicroObserver.class);
    }
  }

  /** Starts and stops the domain. */
  public static final class ServerObserver {

    /** Called before the first test. */
    public void start(@Observes BeforeStart event) {
      PayaraDomain.instance().start();
    }

    /** Called after the last test. */
    public void stop(@Observes AfterStop event) {
      PayaraDomain.instance().stop();
    }
  }

  /** Gives the node an empty data directory. */
  public static final class MicroObserver {

    /** Called before the first test. */
    public void start(@Observes BeforeStart event) {
      Trees.delete(Places.work("micro"));
    }
  }
}
