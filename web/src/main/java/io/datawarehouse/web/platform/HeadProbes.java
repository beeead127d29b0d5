package io.datawarehouse.web.platform;

import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.List;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.Connection;
import org.glassfish.grizzly.ConnectionProbe;
import org.glassfish.grizzly.http.HttpCodecFilter;
import org.glassfish.grizzly.http.HttpHeader;
import org.glassfish.grizzly.http.HttpProbe;
import org.glassfish.grizzly.http.server.HttpServerFilter;
import org.glassfish.grizzly.http.server.HttpServerProbe;
import org.glassfish.grizzly.http.server.Response;
import org.glassfish.grizzly.monitoring.MonitoringConfig;
import org.glassfish.grizzly.nio.NIOTransport;

/**
 * Tells a {@link HeadWatch} what happens at the listeners of the Payara that this application runs
 * on, by the means that Grizzly has for those who measure. On another server this fails with one of
 * the exceptions that the methods name.
 */
final class HeadProbes {

  private static final String ADMINISTRATION = "admin-listener";

  private final ConnectionProbe connections;
  private final HttpProbe heads;
  private final HttpServerProbe answers;

  /** Makes probes, which see nothing yet. */
  HeadProbes(HeadWatch<Connection<?>> watch) {
    connections = new Connections(watch);
    heads = new Heads(watch);
    answers = new Answers(watch);
  }

  /** Puts the probes to every listener but that of the administration; returns to how many. */
  int begin() throws ReflectiveOperationException {
    int count = 0;
    for (Object listener : listeners()) {
      transportOf(listener).getConnectionMonitoringConfig().addProbes(connections);
      for (HttpCodecFilter filter : filters(listener, HttpCodecFilter.class)) {
        filter.getMonitoringConfig().addProbes(heads);
      }
      for (HttpServerFilter filter : filters(listener, HttpServerFilter.class)) {
        filter.getMonitoringConfig().addProbes(answers);
      }
      count++;
    }
    return count;
  }

  /** Takes the probes away. */
  void end() throws ReflectiveOperationException {
    for (Object listener : listeners()) {
      MonitoringConfig<ConnectionProbe> transport =
          transportOf(listener).getConnectionMonitoringConfig();
      transport.removeProbes(connections);
      for (HttpCodecFilter filter : filters(listener, HttpCodecFilter.class)) {
        filter.getMonitoringConfig().removeProbes(heads);
      }
      for (HttpServerFilter filter : filters(listener, HttpServerFilter.class)) {
        filter.getMonitoringConfig().removeProbes(answers);
      }
    }
  }

  private static final class Connections extends ConnectionProbe.Adapter {

    private final HeadWatch<Connection<?>> watch;

    Connections(HeadWatch<Connection<?>> watch) {
      this.watch = watch;
    }

    @Override
    @SuppressWarnings("rawtypes") // As Grizzly has it.
    public void onCloseEvent(Connection connection) {
      watch.closed(connection);
    }
  }

  private static final class Heads extends HttpProbe.Adapter {

    private final HeadWatch<Connection<?>> watch;

    Heads(HeadWatch<Connection<?>> watch) {
      this.watch = watch;
    }

    @Override
    @SuppressWarnings("rawtypes") // As Grizzly has it.
    public void onDataReceivedEvent(Connection connection, Buffer buffer) {
      watch.received(connection);
    }

    @Override
    @SuppressWarnings("rawtypes") // As Grizzly has it.
    public void onHeaderParseEvent(Connection connection, HttpHeader header, int size) {
      watch.read(connection);
    }
  }

  private static final class Answers extends HttpServerProbe.Adapter {

    private final HeadWatch<Connection<?>> watch;

    Answers(HeadWatch<Connection<?>> watch) {
      this.watch = watch;
    }

    @Override
    @SuppressWarnings("rawtypes") // As Grizzly has it.
    public void onRequestCompleteEvent(
        HttpServerFilter filter, Connection connection, Response response) {
      watch.answered(connection);
    }
  }

  // ---- Payara has no interface for its listeners, so its services are asked by name -------------

  private static List<Object> listeners() throws ReflectiveOperationException {
    Class<?> listenerType = type("org.glassfish.grizzly.config.dom.NetworkListener");
    Class<?> serviceType = type("com.sun.enterprise.v3.services.impl.GrizzlyService");
    Class<?> proxyType = type("com.sun.enterprise.v3.services.impl.GrizzlyProxy");
    Class<?> locatorType = type("org.glassfish.hk2.api.ServiceLocator");
    Object locator =
        type("org.glassfish.internal.api.Globals")
            .getMethod("getDefaultBaseServiceLocator")
            .invoke(null);
    Object service =
        locatorType
            .getMethod("getService", Class.class, Annotation[].class)
            .invoke(locator, serviceType, new Annotation[0]);
    List<?> configured =
        (List<?>)
            locatorType
                .getMethod("getAllServices", Class.class, Annotation[].class)
                .invoke(locator, listenerType, new Annotation[0]);
    List<Object> found = new ArrayList<>();
    for (Object listener : configured) {
      if (!ADMINISTRATION.equals(listenerType.getMethod("getName").invoke(listener))) {
        Object proxy =
            serviceType.getMethod("lookupNetworkProxy", listenerType).invoke(service, listener);
        if (proxyType.isInstance(proxy)) {
          Object underlying = proxyType.getMethod("getUnderlyingListener").invoke(proxy);
          if (genericType().isInstance(underlying)) {
            found.add(underlying);
          }
        }
      }
    }
    return found;
  }

  private static NIOTransport transportOf(Object listener) throws ReflectiveOperationException {
    return (NIOTransport) genericType().getMethod("getTransport").invoke(listener);
  }

  private static <T> List<T> filters(Object listener, Class<T> kind)
      throws ReflectiveOperationException {
    List<?> all =
        (List<?>) genericType().getMethod("getFilters", Class.class).invoke(listener, kind);
    return all.stream().map(kind::cast).toList();
  }

  private static Class<?> genericType() throws ClassNotFoundException {
    return type("org.glassfish.grizzly.config.GenericGrizzlyListener");
  }

  private static Class<?> type(String name) throws ClassNotFoundException {
    return Class.forName(name, true, Thread.currentThread().getContextClassLoader());
  }
}
