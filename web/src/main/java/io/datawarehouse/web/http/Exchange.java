package io.datawarehouse.web.http;

import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.message.TraceContext;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response, with what is learnt about it on the way. In the servlet container
 * it travels as an attribute of the request. Confined to the thread that serves the request.
 */
public final class Exchange {

  /** The attribute under which the exchange lies. */
  public static final String ATTRIBUTE = "io.datawarehouse.web.exchange";

  /** Up to this much of a body is read for nothing, so that the connection can be used again. */
  private static final int MOST_WASTE = 64 * 1024;

  /** For so long a body is read for nothing, so that its sender sees the answer and stops. */
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  private final HttpRequest request;
  private final HttpResponse response;
  private final StallWatch watch;
  private final long start;
  private final TraceContext trace;
  private @Nullable RequestBody body;
  private @Nullable Role role;
  private Route route = Route.NONE;
  private @Nullable String deed;
  private String detail = "";
  private boolean closing;
  private int answered;
  private long bytesOut;
  private Runnable atEnd = () -> {};

  /** Begins an exchange. */
  public Exchange(HttpRequest request, HttpResponse response, StallWatch watch) {
    this.request = request;
    this.response = response;
    this.watch = watch;
    this.start = watch.now();
    String parent = request.header("traceparent");
    this.trace =
        parent == null
            ? TraceContext.start()
            : TraceContext.parse(parent).orElseGet(TraceContext::start);
  }

  /** Begins an exchange in the servlet container and leaves it with the request. */
  public static Exchange begin(
      HttpServletRequest request, HttpServletResponse response, StallWatch watch) {
    Exchange exchange =
        new Exchange(new ServletHttpRequest(request), new ServletHttpResponse(response), watch);
    request.setAttribute(ATTRIBUTE, exchange);
    return exchange;
  }

  /** Returns the exchange that a request belongs to; null where it did not come by the gate. */
  public static @Nullable Exchange find(ServletRequest request) {
    return (Exchange) request.getAttribute(ATTRIBUTE);
  }

  /** Returns the exchange that a request belongs to. */
  public static Exchange of(ServletRequest request) {
    Exchange exchange = find(request);
    if (exchange == null) {
      throw new IllegalStateException("the request did not come by the gate");
    }
    return exchange;
  }

  /** Returns the trace of a request, or a new one where it did not come by the gate. */
  public static TraceContext traceOf(ServletRequest request) {
    Exchange exchange = find(request);
    return exchange == null ? TraceContext.start() : exchange.trace;
  }

  /** Returns the request. */
  public HttpRequest request() {
    return request;
  }

  /** Returns the response. */
  public HttpResponse response() {
    return response;
  }

  /** Returns the trace that the request belongs to: the caller's where it sent one. */
  public TraceContext trace() {
    return trace;
  }

  /** Returns the time since the request came, in nanoseconds. */
  public long elapsedNanos() {
    return watch.now() - start;
  }

  /** Returns what the caller may do; null where nobody asked for a token. */
  public @Nullable Role role() {
    return role;
  }

  /** Notes what the caller may do. */
  public void admit(Role newRole) {
    role = newRole;
  }

  /** Returns what the request is for. */
  public Route route() {
    return route;
  }

  /** Notes what the request is for. */
  public void enter(Route newRoute) {
    route = newRoute;
  }

  /** Returns what the request does that must be accounted for; null where it does no such thing. */
  public @Nullable String deed() {
    return deed;
  }

  /** Notes what the request does that must be accounted for; null if it turns out to do nothing. */
  public void accountFor(@Nullable String newDeed) {
    deed = newDeed;
  }

  /** Returns what else is to be said of what the request does; may be empty. */
  public String detail() {
    return detail;
  }

  /** Notes what else is to be said of what the request does; MUST hold no secret. */
  public void say(String newDetail) {
    detail = newDetail;
  }

  /** Returns the announced length of the body; empty where it comes in chunks. */
  public OptionalLong announcedLength() {
    return request.header("Transfer-Encoding") == null
        ? OptionalLong.of(Math.max(0, request.contentLength()))
        : OptionalLong.empty();
  }

  /** Returns the body, always the same. */
  public RequestBody body() throws IOException {
    if (body == null) {
      body = new RequestBody(request.content(), announcedLength(), watch);
    }
    return body;
  }

  /** Runs something when the exchange has ended, however it ends. */
  public void atEnd(Runnable action) {
    Runnable before = atEnd;
    atEnd =
        () -> {
          before.run();
          action.run();
        };
  }

  /** Returns how many bytes of the body were read. */
  public long bytesIn() {
    return body == null ? 0 : body.count();
  }

  /** Returns how many bytes of content were sent. */
  public long bytesOut() {
    return bytesOut;
  }

  /** Begins to send a content; MUST be closed. */
  public SendWatch.Sending send() {
    return watch.sends().begin(request.connection());
  }

  /** Notes bytes of content that were sent. */
  public void sent(long bytes) {
    bytesOut += bytes;
  }

  /** Notes that the client has its answer, or has gone: nobody else need give one. */
  public void answered(int status) {
    answered = status;
  }

  /** Returns whether the client has its answer, or has gone. */
  public boolean isAnswered() {
    return answered != 0;
  }

  /** Returns the status of the answer. */
  public int status() {
    return answered != 0 ? answered : response.status();
  }

  /**
   * Decides whether the connection can be used again after an answer that comes before the body was
   * read; where it cannot, the answer must say {@code Connection: close}. Nobody else reads the
   * body from then on. A client that waits to be asked for its body may send it or not when it has
   * an answer: what comes next would be the body or another request, and nobody could tell.
   */
  public boolean mustClose() {
    try {
      closing |= !body().claim() || body().leaves(isAwaited() ? 0 : MOST_WASTE);
    } catch (IOException e) {
      closing = true;
    }
    return closing;
  }

  private boolean isAwaited() throws IOException {
    return body().count() == 0 && request.header(RequestHeaders.EXPECT) != null;
  }

  /**
   * Ends the exchange after its answer. Where the connection cannot be used again, what the client
   * is sending is read on for a moment, since a connection that is closed over unread bytes may
   * take the answer with it; then it is closed, which the container alone would put off until all
   * has come.
   */
  public void finish() throws IOException {
    try {
      if (body != null) {
        finish(body);
      }
    } finally {
      atEnd.run();
    }
  }

  private void finish(RequestBody body) throws IOException {
    closing |= !body.claim();
    if (closing) {
      response.flush();
      body.drain(FAREWELL);
      ConnectionSwitch connection = request.connection();
      if (connection != null) {
        connection.closeAfterwards();
      }
    }
    body.close();
  }

  /**
   * Breaks the connection: the answer has begun and cannot be ended as it began. A client must not
   * take what it has for the whole.
   */
  public void breakOff() {
    ConnectionSwitch connection = request.connection();
    if (connection != null) {
      connection.closeNow();
    }
  }
}
