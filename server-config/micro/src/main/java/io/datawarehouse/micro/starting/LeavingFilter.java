package io.datawarehouse.micro.starting;

import java.nio.charset.StandardCharsets;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.http.HttpContent;
import org.glassfish.grizzly.http.HttpPacket;
import org.glassfish.grizzly.http.HttpRequestPacket;
import org.glassfish.grizzly.http.HttpResponsePacket;
import org.glassfish.grizzly.http.util.Header;
import org.glassfish.grizzly.http.util.HttpStatus;
import org.glassfish.grizzly.nio.transport.TCPNIOTransport;

/**
 * Says, while the node goes, with every answer that it is the last one on its connection, and to
 * whoever asks whether the node is ready that it is not. Thread-safe.
 */
final class LeavingFilter extends BaseFilter {

  private static final String READY = "/health/ready";
  private static final byte[] GOING =
      """
      {"status":"DOWN","checks":[{"name":"node","status":"DOWN",\
      "data":{"cause":"the node is stopping"}}]}"""
          .getBytes(StandardCharsets.US_ASCII);

  @Override
  public NextAction handleAccept(FilterChainContext context) {
    if (context.getConnection().getTransport() instanceof TCPNIOTransport transport) {
      Leaving.accepted(transport);
    }
    return context.getInvokeAction();
  }

  @Override
  public NextAction handleClose(FilterChainContext context) {
    if (context.getConnection().getTransport() instanceof TCPNIOTransport) {
      Leaving.closed();
    }
    return context.getInvokeAction();
  }

  @Override
  public NextAction handleRead(FilterChainContext context) {
    if (Leaving.hasBegun()
        && context.getMessage() instanceof HttpContent content
        && content.getHttpHeader() instanceof HttpRequestPacket request
        && request.getRequestURI().equals(READY)
        && !request.getResponse().isCommitted()) {
      answer(context, request.getResponse());
      return context.getStopAction();
    }
    return context.getInvokeAction();
  }

  private static void answer(FilterChainContext context, HttpResponsePacket response) {
    response.setStatus(HttpStatus.SERVICE_UNAVAILABLE_503);
    response.setContentType("application/json");
    response.setContentLengthLong(GOING.length);
    close(response);
    LastAnswer.send(context, response, GOING.clone());
  }

  @Override
  public NextAction handleWrite(FilterChainContext context) {
    if (Leaving.hasBegun()
        && context.getMessage() instanceof HttpPacket packet
        && packet.getHttpHeader() instanceof HttpResponsePacket response
        && !response.isCommitted()) {
      close(response);
    }
    return context.getInvokeAction();
  }

  private static void close(HttpResponsePacket response) {
    response.setHeader(Header.Connection, "close");
    response.getProcessingState().setKeepAlive(false);
  }
}
