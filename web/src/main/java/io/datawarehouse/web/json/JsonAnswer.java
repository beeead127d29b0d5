package io.datawarehouse.web.json;

import io.datawarehouse.kernel.json.Json;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.OutputStream;

/** Responses with a JSON body. */
public final class JsonAnswer {

  private JsonAnswer() {}

  /** Sends a value; other headers than type and length stand in the response already. */
  public static void send(HttpServletResponse response, int status, Object value)
      throws IOException {
    byte[] body = Json.write(value);
    response.setStatus(status);
    response.setContentType(MediaType.APPLICATION_JSON);
    response.setContentLength(body.length);
    OutputStream out = response.getOutputStream();
    out.write(body);
    out.close();
  }

  /** Begins a response with a value in its body. */
  public static Response.ResponseBuilder of(int status, Object value) {
    return Response.status(status).type(MediaType.APPLICATION_JSON_TYPE).entity(Json.write(value));
  }
}
