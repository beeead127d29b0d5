package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.web.http.RequestTrace;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** The way from HTTP to the bus and back. Thread-safe. */
@ApplicationScoped
public class Gateway {

  /** The most bytes of a JSON body. */
  public static final int LARGEST_JSON = 1 << 20;

  @Inject Kernel kernel;

  /** Sends a query and waits for the answer. */
  public Reply ask(HttpServletRequest request, Topic topic, Object query, String affinityKey) {
    return send(request, Message.query(topic, Payload.of(query)).affinityKey(affinityKey));
  }

  /** Sends a command and waits for the answer. */
  public Reply command(
      HttpServletRequest request, Topic topic, Object command, String affinityKey) {
    return send(request, Message.command(topic, Payload.of(command)).affinityKey(affinityKey));
  }

  /** Sends a message with the request's trace and waits for the answer. */
  public Reply send(HttpServletRequest request, Message.Builder message) {
    return await(kernel.bus().request(message.trace(RequestTrace.of(request)).build()));
  }

  /** Waits for what the bus promises to complete, and throws its error as it is. */
  public static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof WarehouseException known) {
        throw known;
      }
      throw e;
    }
  }

  /** Returns an answer with a JSON body. */
  public static Response.ResponseBuilder json(int status, Object value) {
    return Response.status(status).type(MediaType.APPLICATION_JSON).entity(Json.write(value));
  }

  /**
   * Reads a JSON body of at most {@link #LARGEST_JSON} bytes; empty bodies give empty arrays.
   *
   * @throws WarehouseException {@code TOO_LARGE}, or {@code INVALID_ARGUMENT} for another media
   *     type
   */
  public static byte[] readJson(HttpServletRequest request) {
    String type = request.getContentType();
    if (request.getContentLengthLong() > LARGEST_JSON) {
      throw tooLarge();
    }
    try {
      byte[] body = request.getInputStream().readNBytes(LARGEST_JSON + 1);
      if (body.length > LARGEST_JSON) {
        throw tooLarge();
      }
      if (body.length > 0 && type != null && !isJson(type)) {
        throw new jakarta.ws.rs.NotSupportedException();
      }
      if (request.getContentLengthLong() > body.length) {
        throw new WarehouseException(
            StandardErrorCode.CONTENT_LENGTH_MISMATCH,
            "Content-Length is "
                + request.getContentLengthLong()
                + " but the body ended after "
                + body.length
                + " bytes");
      }
      return body;
    } catch (IOException e) {
      throw new WarehouseException(
          StandardErrorCode.CONTENT_INTERRUPTED, "the body could not be read to its end", e);
    }
  }

  private static boolean isJson(String type) {
    int semicolon = type.indexOf(';');
    String bare = (semicolon < 0 ? type : type.substring(0, semicolon)).strip();
    return bare.equalsIgnoreCase("application/json")
        || bare.toLowerCase(java.util.Locale.ROOT).endsWith("+json");
  }

  private static WarehouseException tooLarge() {
    return new WarehouseException(
        StandardErrorCode.TOO_LARGE, "the body is larger than " + LARGEST_JSON + " bytes");
  }
}
