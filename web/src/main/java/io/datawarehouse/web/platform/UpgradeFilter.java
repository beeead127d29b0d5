package io.datawarehouse.web.platform;

import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.FilterChainEvent;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.http.HttpEvents.IncomingHttpUpgradeEvent;
import org.glassfish.grizzly.http.HttpHeader;
import org.glassfish.grizzly.http.HttpRequestPacket;
import org.glassfish.grizzly.http.Method;

/**
 * Passes over the offer of a client to go on in another protocol (RFC 9110, section 7.8). Unless a
 * filter says otherwise, Grizzly takes the body of such a request to last until the connection
 * ends, whatever length it announces: a request with a body would wait for its end, and none would
 * leave the connection usable. Clients make that offer unasked, Java's own for one. Thread-safe.
 */
final class UpgradeFilter extends BaseFilter {

  private static final String WEB_SOCKET = "websocket";

  @Override
  public NextAction handleEvent(FilterChainContext context, FilterChainEvent event) {
    if (event instanceof IncomingHttpUpgradeEvent offer
        && offer.getHttpHeader() instanceof HttpRequestPacket request
        && !opensWebSocket(request)) {
      passOver(request);
    }
    return context.getInvokeAction();
  }

  /** What other applications of the server may answer. */
  private static boolean opensWebSocket(HttpRequestPacket request) {
    return request.getMethod() == Method.GET && request.getUpgradeDC().equalsIgnoreCase(WEB_SOCKET);
  }

  /** Asked before Grizzly looks at the length of the body and at what becomes of the connection. */
  private static void passOver(HttpHeader request) {
    request.getUpgradeDC().recycle();
    request.setIgnoreContentModifiers(false);
  }
}
