package io.datawarehouse.web.platform;

import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.glassfish.grizzly.Transport;
import org.glassfish.grizzly.filterchain.Filter;
import org.glassfish.grizzly.filterchain.FilterChain;
import org.glassfish.grizzly.http.server.HttpServerFilter;

/**
 * The HTTP listeners of the Payara that this application runs on. Payara has no interface for it,
 * so its services are asked by name; on another server this fails with one of the exceptions that
 * the methods name.
 */
final class Listeners {

  private static final String ADMINISTRATION = "admin-listener";

  private Listeners() {}

  /**
   * Puts a {@link CheckedHandler} before the handler of every listener that has none; returns to
   * how many. In an EAR the container announces the start of more than one module.
   */
  static int check(CheckedHandler.Application application) throws ReflectiveOperationException {
    int count = 0;
    for (HttpServerFilter filter : filters()) {
      if (!(filter.getHttpHandler() instanceof CheckedHandler)) {
        filter.setHttpHandler(new CheckedHandler(filter.getHttpHandler(), application));
        count++;
      }
    }
    return count;
  }

  /**
   * Puts an {@link UpgradeFilter} behind the filters of every listener that has none; returns to
   * how many. Behind, so that whoever takes an offer is asked first, and nobody's place changes.
   */
  static int passOverUpgrades() throws ReflectiveOperationException {
    int count = 0;
    for (FilterChain chain : chains()) {
      if (chain.indexOfType(UpgradeFilter.class) < 0) {
        chain.add(new UpgradeFilter());
        count++;
      }
    }
    return count;
  }

  /** Takes away what this application put to the listeners. */
  static void uncheck() throws ReflectiveOperationException {
    for (HttpServerFilter filter : filters()) {
      if (filter.getHttpHandler() instanceof CheckedHandler ours) {
        filter.setHttpHandler(ours.next());
      }
    }
    for (FilterChain chain : chains()) {
      chain.removeIf(UpgradeFilter.class::isInstance);
    }
  }

  /**
   * The chains that end in a {@link HttpServerFilter}; a listener may have one for each protocol.
   */
  private static List<FilterChain> chains() throws ReflectiveOperationException {
    List<FilterChain> found = new ArrayList<>();
    for (Object listener : listeners()) {
      Class<?> listenerType = type("org.glassfish.grizzly.config.GenericGrizzlyListener");
      Object transport = listenerType.getMethod("getTransport").invoke(listener);
      if (transport instanceof Transport known
          && known.getProcessor() instanceof FilterChain root) {
        collect(root, found);
      }
    }
    return found;
  }

  private static void collect(FilterChain chain, List<FilterChain> found)
      throws ReflectiveOperationException {
    Class<?> several = type("org.glassfish.grizzly.portunif.PUFilter");
    for (Filter filter : chain) {
      if (filter instanceof HttpServerFilter) {
        found.add(chain);
      } else if (several.isInstance(filter)) {
        for (Object protocol : (Set<?>) several.getMethod("getProtocols").invoke(filter)) {
          Class<?> protocolType = type("org.glassfish.grizzly.portunif.PUProtocol");
          collect((FilterChain) protocolType.getMethod("getFilterChain").invoke(protocol), found);
        }
      }
    }
  }

  private static List<HttpServerFilter> filters() throws ReflectiveOperationException {
    List<HttpServerFilter> filters = new ArrayList<>();
    Class<?> listenerType = type("org.glassfish.grizzly.config.GenericGrizzlyListener");
    for (Object listener : listeners()) {
      List<?> found =
          (List<?>)
              listenerType
                  .getMethod("getFilters", Class.class)
                  .invoke(listener, HttpServerFilter.class);
      found.stream().map(HttpServerFilter.class::cast).forEach(filters::add);
    }
    return filters;
  }

  /** The listeners that requests of clients come in at. */
  private static List<Object> listeners() throws ReflectiveOperationException {
    Class<?> listenerType = type("org.glassfish.grizzly.config.dom.NetworkListener");
    Class<?> serviceType = type("com.sun.enterprise.v3.services.impl.GrizzlyService");
    Class<?> locatorType = type("org.glassfish.hk2.api.ServiceLocator");
    Object locator =
        type("org.glassfish.internal.api.Globals")
            .getMethod("getDefaultBaseServiceLocator")
            .invoke(null);
    Object service =
        locatorType
            .getMethod("getService", Class.class, Annotation[].class)
            .invoke(locator, serviceType, new Annotation[0]);
    List<?> listeners =
        (List<?>)
            locatorType
                .getMethod("getAllServices", Class.class, Annotation[].class)
                .invoke(locator, listenerType, new Annotation[0]);
    List<Object> found = new ArrayList<>();
    for (Object listener : listeners) {
      if (!ADMINISTRATION.equals(listenerType.getMethod("getName").invoke(listener))) {
        Object proxy =
            serviceType.getMethod("lookupNetworkProxy", listenerType).invoke(service, listener);
        if (proxy != null) {
          addListenerOf(proxy, found);
        }
      }
    }
    return found;
  }

  private static void addListenerOf(Object proxy, List<Object> found)
      throws ReflectiveOperationException {
    Class<?> proxyType = type("com.sun.enterprise.v3.services.impl.GrizzlyProxy");
    if (proxyType.isInstance(proxy)) {
      Object listener = proxyType.getMethod("getUnderlyingListener").invoke(proxy);
      if (type("org.glassfish.grizzly.config.GenericGrizzlyListener").isInstance(listener)) {
        found.add(listener);
      }
    }
  }

  private static Class<?> type(String name) throws ClassNotFoundException {
    return Class.forName(name, true, Thread.currentThread().getContextClassLoader());
  }
}
