package io.datawarehouse.web.platform;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.error.Problem;
import io.datawarehouse.web.gate.Gate;
import io.datawarehouse.web.http.ConnectionSwitch;
import io.datawarehouse.web.http.RequestHeaders;
import io.datawarehouse.web.http.RequestPath;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.glassfish.grizzly.Connection;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.RequestExecutorProvider;
import org.glassfish.grizzly.http.server.Response;
import org.glassfish.grizzly.http.util.Header;
import org.glassfish.grizzly.http.util.HttpStatus;
import org.glassfish.grizzly.nio.NIOConnection;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the server's own handler. Answers what that would answer wrongly, as requests for
 * an application that is not there yet, or not any more, with a 404 of its own; and takes what the
 * application's gate serves by itself straight to that, without the servlet container. Runs on a
 * worker thread of the listener, which may block.
 */
final class CheckedHandler extends HttpHandler {

  private static final System.Logger LOG = System.getLogger(CheckedHandler.class.getName());

  /**
   * What a listener needs of the application.
   *
   * @param problems makes an answer from the path and what is wrong with it
   * @param closed tells why the application takes no requests; empty where it takes them
   * @param gate gives the gate; null while everything must go through the servlet container
   * @param loader sees the application's classes
   */
  record Application(
      BiFunction<String, WarehouseException, Problem> problems,
      Supplier<Optional<String>> closed,
      Supplier<@Nullable Gate> gate,
      ClassLoader loader) {}

  private static final String API = "/api/v1";
  private static final String ON_DEMAND = "100-continue";
  private static final int MOST_UNSENT = 256 * 1024;
  private static final String RETRY_SECONDS = "1";

  private final HttpHandler next;
  private final Application application;

  /** A handler before another one. */
  CheckedHandler(HttpHandler next, Application application) {
    super("datawarehouse-checked");
    this.next = next;
    this.application = application;
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

  /**
   * Whoever expects to be asked for the body is asked when somebody wants it, and not before: what
   * is refused is refused unread. Whoever expects something else is refused below, with more than
   * the bare 417 that the server has for it where no body has come yet.
   */
  @Override
  protected boolean sendAcknowledgment(Request request, Response response) {
    return true;
  }

  private void askForBody(Request request, Response response) throws IOException {
    if (ON_DEMAND.equalsIgnoreCase(request.getHeader(Header.Expect))) {
      boolean unused = super.sendAcknowledgment(request, response);
      response.setStatus(HttpStatus.OK_200);
    }
  }

  /**
   * What a client has not taken yet the server keeps in memory, up to several times the buffer of
   * the socket unless it is told how much: megabytes for each client that does not read.
   */
  private static void boundUnsent(Connection<?> connection) {
    if (connection instanceof NIOConnection known
        && known.getMaxAsyncWriteQueueSize() != MOST_UNSENT) {
      known.setMaxAsyncWriteQueueSize(MOST_UNSENT);
    }
  }

  @Override
  public void service(Request request, Response response) throws Exception {
    boundUnsent(request.getContext().getConnection());
    String path = request.getRequest().getRequestURIRef().getOriginalRequestURIBC().toString();
    try {
      RequestLine.requireReadablePath(path);
      // A path that ends in a dot makes the server fail, and answer with 200.
      RequestPath.requireWellFormed(path);
      RequestLine.requireKnownTransfer(request.getHeaders(Header.TransferEncoding));
      RequestHeaders.requireKnownExpectation(request.getHeader(Header.Expect));
      if (request.getRequest().isChunked()) {
        HeaderBlock.requireNoLength(request.getRequest());
      }
    } catch (WarehouseException e) {
      refuse(path, e, request, response);
      return;
    }
    Optional<String> closed = application.closed.get();
    if (closed.isPresent() && RequestPath.mayBeUnder(path, API)) {
      refuse(
          path,
          new WarehouseException(StandardErrorCode.UNAVAILABLE, closed.get()),
          request,
          response);
      return;
    }
    Switch connection = new Switch(request.getContext().getConnection());
    Optional<String> routable = RequestPath.routable(path);
    Gate gate = routable.isPresent() ? application.gate.get() : null;
    if (gate != null && gate.serves(request.getMethod().getMethodString(), path)) {
      serve(
          gate,
          new GrizzlyRequest(request, path, connection, () -> askForBody(request, response)),
          new GrizzlyResponse(response));
    } else {
      if (routable.isPresent()) {
        request.setAttribute(RequestPath.ATTRIBUTE, path);
        request.getRequest().getRequestURIRef().setURI(routable.get());
      }
      request.setAttribute(ConnectionSwitch.ATTRIBUTE, connection);
      askForBody(request, response);
      next.service(request, response);
    }
    if (connection.afterwards) {
      response.flush();
      connection.closeInOrder();
    }
  }

  /** What the servlet container would do around it: the application finds its own classes. */
  private void serve(Gate gate, GrizzlyRequest request, GrizzlyResponse response) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(application.loader);
    try {
      gate.serve(request, response);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the client went away before its answer", e);
      request.connection().closeNow();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** Closes the connection of one request. */
  private static final class Switch implements ConnectionSwitch {

    private final Connection<?> connection;
    private final long usualWaitMillis;
    private volatile boolean afterwards;

    Switch(Connection<?> connection) {
      this.connection = connection;
      this.usualWaitMillis = connection.getWriteTimeout(TimeUnit.MILLISECONDS);
    }

    /** The way in order would wait for what the client does not take. */
    @Override
    public void closeNow() {
      connection.terminateSilently();
    }

    private void closeInOrder() {
      connection.closeSilently();
    }

    @Override
    public void closeAfterwards() {
      afterwards = true;
    }

    @Override
    public long unsent() {
      return connection instanceof NIOConnection known
          ? known.getAsyncWriteQueue().spaceInBytes()
          : 0;
    }

    /** The server asks the connection each time that it begins to wait. */
    @Override
    public void allowWait(Duration longest) {
      connection.setWriteTimeout(longest.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void allowUsualWait() {
      connection.setWriteTimeout(usualWaitMillis, TimeUnit.MILLISECONDS);
    }
  }

  private void refuse(String path, WarehouseException e, Request request, Response response)
      throws Exception {
    Problem problem = application.problems.apply(path, e);
    byte[] body = Json.write(problem);
    response.setStatus(problem.status());
    response.setContentType(Problem.MEDIA_TYPE);
    response.setContentLength(body.length);
    response.setHeader(Header.Connection, "close");
    if (problem.status() == 503) {
      response.setHeader(Header.RetryAfter, RETRY_SECONDS);
    }
    response.getOutputStream().write(body);
    if (request.getHeader(Header.Expect) != null) {
      // The server would wait for a body that the client does not send, as nobody asked for it.
      response.flush();
      request.getContext().getConnection().closeSilently();
    }
  }
}
