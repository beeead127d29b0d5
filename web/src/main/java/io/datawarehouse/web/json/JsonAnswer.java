package io.datawarehouse.web.json;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.web.http.HttpResponse;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.OutputStream;

/** Responses with a JSON body. */
public final class JsonAnswer {

  private JsonAnswer() {}

  /** Sends a value; other headers than type and length stand in the response already. */
  public static void send(HttpResponse response, int status, Object value) throws IOException {
    byte[] body = Json.write(value);
    response.status(status);
    response.header("Content-Type", MediaType.APPLICATION_JSON);
    response.contentLength(body.length);
    OutputStream out = response.content();
    out.write(body);
    out.close();
  }

  /** Begins a response with a value in its body. */
  public static Response.ResponseBuilder of(int status, Object value) {
    return Response.status(status).type(MediaType.APPLICATION_JSON_TYPE).entity(Json.write(value));
  }
}
