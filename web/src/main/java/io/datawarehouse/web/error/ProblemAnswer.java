package io.datawarehouse.web.error;

import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.HttpResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.Map;

/**
 * A problem with the headers that go with it, ready to be sent. Immutable but for its bytes.
 *
 * @param status the HTTP status
 * @param headers the headers beside type and length
 * @param body the document
 */
public record ProblemAnswer(int status, Map<String, String> headers, byte[] body) {

  private static final System.Logger LOG = System.getLogger(ProblemAnswer.class.getName());

  /** Copies the headers. */
  public ProblemAnswer {
    headers = Map.copyOf(headers);
  }

  /**
   * Answers a request from within JAX-RS, past its writers: they would log a client that has gone.
   * Returns the response that says that all is done.
   */
  public Response respond(HttpServletRequest request) {
    Exchange exchange = Exchange.of(request);
    send(exchange);
    // For an error that could not be sent JAX-RS would have the container make one of its own.
    return Response.status(exchange.response().isCommitted() ? status : 200).build();
  }

  /** Answers an exchange; where another answer is under way already, that is broken off. */
  public void send(Exchange exchange) {
    boolean late = exchange.isAnswered() || exchange.response().isCommitted();
    exchange.answered(status);
    if (late) {
      exchange.breakOff();
      return;
    }
    try {
      send(exchange.response());
      exchange.response().flush();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the client went away before its answer", e);
    }
  }

  /** Sends it; a response that was begun and not yet sent is forgotten. */
  void send(HttpResponse response) throws IOException {
    String date = response.header("Date");
    response.reset();
    response.status(status);
    if (date != null) {
      response.header("Date", date);
    }
    headers.forEach(response::header);
    response.header("Content-Type", Problem.MEDIA_TYPE);
    response.contentLength(body.length);
    response.content().write(body);
  }
}
