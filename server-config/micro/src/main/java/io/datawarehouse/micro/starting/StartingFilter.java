package io.datawarehouse.micro.starting;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.http.HttpContent;
import org.glassfish.grizzly.http.HttpRequestPacket;
import org.glassfish.grizzly.http.HttpResponsePacket;
import org.glassfish.grizzly.http.util.Header;
import org.glassfish.grizzly.http.util.HttpStatus;

/**
 * Answers every request with 503 and a time to come back, until the application is there: the
 * server alone would say that there is no such page. Thread-safe.
 */
final class StartingFilter extends BaseFilter {

  /** Set when the application is there. A property, as the launcher may see other classes. */
  static final String OPEN = "dw.micro.open";

  /** A word by which the process that starts knows its own answer; see the launcher. */
  static final String WORD = "dw.micro.word";

  private static final String WORD_HEADER = "DW-Start";
  private static final String RETRY_SECONDS = "1";

  private volatile boolean open;

  @Override
  public NextAction handleRead(FilterChainContext context) {
    if (isOpen()
        || !(context.getMessage() instanceof HttpContent content)
        || !(content.getHttpHeader() instanceof HttpRequestPacket request)) {
      return context.getInvokeAction();
    }
    HttpResponsePacket response = request.getResponse();
    if (!response.isCommitted()) {
      answer(context, request, response);
    }
    return context.getStopAction();
  }

  private boolean isOpen() {
    if (!open && Boolean.getBoolean(OPEN)) {
      open = true;
    }
    return open;
  }

  private static void answer(
      FilterChainContext context, HttpRequestPacket request, HttpResponsePacket response) {
    byte[] problem = problem(request.getRequestURI()).getBytes(StandardCharsets.US_ASCII);
    response.setStatus(HttpStatus.SERVICE_UNAVAILABLE_503);
    response.setContentType("application/problem+json");
    response.setContentLengthLong(problem.length);
    response.setHeader(Header.RetryAfter, RETRY_SECONDS);
    response.setHeader(Header.Connection, "close");
    response.setHeader("X-Content-Type-Options", "nosniff");
    String word = System.getProperty(WORD);
    if (word != null) {
      response.setHeader(WORD_HEADER, word);
    }
    LastAnswer.send(context, response, problem);
  }

  /** Returns the document of the API's errors, with what can be known before there is a node. */
  static String problem(String path) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return """
        {"type":"/problems/unavailable","title":"Unavailable","status":503,\
        "detail":"the node is starting","instance":"%s","code":"UNAVAILABLE","nodeId":"",\
        "traceId":"%s"}"""
        .formatted(
            harmless(path),
            hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong() | 1));
  }

  /** What a path as it is sent may not hold anyway is left out. */
  private static String harmless(String path) {
    return path.replaceAll("[^!#-\\[\\]^-~]", "?");
  }
}
