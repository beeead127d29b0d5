package io.datawarehouse.web.json;

import io.datawarehouse.kernel.json.Json;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Responses with a JSON body. */
public final class JsonAnswer {

  private JsonAnswer() {}

  /** Begins a response with a value in its body. */
  public static Response.ResponseBuilder of(int status, Object value) {
    return Response.status(status).type(MediaType.APPLICATION_JSON_TYPE).entity(Json.write(value));
  }
}
