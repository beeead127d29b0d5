package io.datawarehouse.micro.starting;

import org.glassfish.grizzly.filterchain.FilterChainBuilder;
import org.glassfish.grizzly.http.server.AddOn;
import org.glassfish.grizzly.http.server.HttpServerFilter;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.jspecify.annotations.Nullable;

/**
 * Puts a {@link StartingFilter} and a {@link LeavingFilter} before the server's own handler at
 * every HTTP listener, while that is put together: there is no moment in which the port is open and
 * the filter is missing. The server makes it, as a service that META-INF/hk2-locator names.
 */
public final class StartingAnswers implements AddOn {

  /** Made by the server. */
  public StartingAnswers() {}

  @Override
  public void setup(@Nullable NetworkListener listener, FilterChainBuilder filters) {
    int handler = filters.indexOfType(HttpServerFilter.class);
    if (handler >= 0) {
      filters.add(handler, new StartingFilter());
      filters.add(handler, new LeavingFilter());
      if (listener != null) {
        Leaving.listens(listener.getTransport());
      }
      Leaving.watch();
    }
  }
}
