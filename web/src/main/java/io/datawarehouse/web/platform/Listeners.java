package io.datawarehouse.web.platform;

import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.List;
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

  /** Takes this application's {@link CheckedHandler}s away. */
  static void uncheck() throws ReflectiveOperationException {
    for (HttpServerFilter filter : filters()) {
      if (filter.getHttpHandler() instanceof CheckedHandler ours) {
        filter.setHttpHandler(ours.next());
      }
    }
  }

  private static List<HttpServerFilter> filters() throws ReflectiveOperationException {
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
    List<HttpServerFilter> filters = new ArrayList<>();
    for (Object listener : listeners) {
      if (!ADMINISTRATION.equals(listenerType.getMethod("getName").invoke(listener))) {
        Object proxy =
            serviceType.getMethod("lookupNetworkProxy", listenerType).invoke(service, listener);
        if (proxy != null) {
          filters.addAll(filtersOf(proxy));
        }
      }
    }
    return filters;
  }

  private static List<HttpServerFilter> filtersOf(Object proxy)
      throws ReflectiveOperationException {
    Class<?> proxyType = type("com.sun.enterprise.v3.services.impl.GrizzlyProxy");
    if (!proxyType.isInstance(proxy)) {
      return List.of();
    }
    Object listener = proxyType.getMethod("getUnderlyingListener").invoke(proxy);
    Class<?> listenerType = type("org.glassfish.grizzly.config.GenericGrizzlyListener");
    if (!listenerType.isInstance(listener)) {
      return List.of();
    }
    List<?> found =
        (List<?>)
            listenerType
                .getMethod("getFilters", Class.class)
                .invoke(listener, HttpServerFilter.class);
    return found.stream().map(HttpServerFilter.class::cast).toList();
  }

  private static Class<?> type(String name) throws ClassNotFoundException {
    return Class.forName(name, true, Thread.currentThread().getContextClassLoader());
  }
}
