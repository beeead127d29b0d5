package io.datawarehouse.web.platform;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.error.Problem;
import io.datawarehouse.web.http.ConnectionSwitch;
import io.datawarehouse.web.http.RequestPath;
import java.util.Optional;
import java.util.function.BiFunction;
import org.glassfish.grizzly.Connection;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.RequestExecutorProvider;
import org.glassfish.grizzly.http.server.Response;
import org.glassfish.grizzly.http.util.Header;

/** Stands before the server's own handler and answers what that would answer wrongly. */
final class CheckedHandler extends HttpHandler {

  private final HttpHandler next;
  private final BiFunction<String, WarehouseException, Problem> problems;

  /**
   * A handler before another one.
   *
   * @param problems makes the answer from the path and what is wrong with it
   */
  CheckedHandler(HttpHandler next, BiFunction<String, WarehouseException, Problem> problems) {
    super("datawarehouse-checked");
    this.next = next;
    this.problems = problems;
    setAllowEncodedSlash(next.isAllowEncodedSlash());
    setAllowCustomStatusMessage(next.isAllowCustomStatusMessage());
    setRequestURIEncoding(next.getRequestURIEncoding());
  }

  HttpHandler next() {
    return next;
  }

  @Override
  public RequestExecutorProvider getRequestExecutorProvider() {
    return next.getRequestExecutorProvider();
  }

  @Override
  public void service(Request request, Response response) throws Exception {
    String path = request.getRequest().getRequestURIRef().getOriginalRequestURIBC().toString();
    try {
      RequestLine.requireReadablePath(path);
      // A path that ends in a dot makes the server fail, and answer with 200.
      RequestPath.requireWellFormed(path);
      RequestLine.requireKnownTransfer(request.getHeaders(Header.TransferEncoding));
      if (request.getRequest().isChunked()) {
        HeaderBlock.requireNoLength(request.getRequest());
      }
    } catch (WarehouseException e) {
      refuse(path, e, response);
      return;
    }
    Optional<String> routable = RequestPath.routable(path);
    if (routable.isPresent()) {
      request.setAttribute(RequestPath.ATTRIBUTE, path);
      request.getRequest().getRequestURIRef().setURI(routable.get());
    }
    Switch connection = new Switch(request.getContext().getConnection());
    request.setAttribute(ConnectionSwitch.ATTRIBUTE, connection);
    next.service(request, response);
    if (connection.afterwards) {
      response.flush();
      connection.closeNow();
    }
  }

  /** Closes the connection of one request. */
  private static final class Switch implements ConnectionSwitch {

    private final Connection<?> connection;
    private volatile boolean afterwards;

    Switch(Connection<?> connection) {
      this.connection = connection;
    }

    @Override
    public void closeNow() {
      connection.closeSilently();
    }

    @Override
    public void closeAfterwards() {
      afterwards = true;
    }
  }

  private void refuse(String path, WarehouseException e, Response response) throws Exception {
    Problem problem = problems.apply(path, e);
    byte[] body = Json.write(problem);
    response.setStatus(problem.status());
    response.setContentType(Problem.MEDIA_TYPE);
    response.setContentLength(body.length);
    response.setHeader(Header.Connection, "close");
    response.getOutputStream().write(body);
  }
}
