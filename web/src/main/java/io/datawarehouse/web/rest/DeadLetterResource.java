package io.datawarehouse.web.rest;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.datawarehouse.kernel.deadletter.DeadLetter;
import io.datawarehouse.kernel.deadletter.DeadLetterOffice;
import io.datawarehouse.kernel.deadletter.DeadLetterPage;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.web.audit.Audited;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.json.JsonAnswer;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Messages that could not be delivered. */
@Path("/messages/dead-letters")
public final class DeadLetterResource {

  private static final int DEFAULT_LIMIT = 100;
  private static final int MOST = 1000;

  /** A letter as it is answered. */
  record LetterView(
      String id,
      String messageId,
      String topic,
      String kind,
      Optional<String> subscriber,
      String code,
      String reason,
      Instant failedAt,
      int attempts,
      Optional<String> affinityKey,
      String correlationId,
      Map<String, String> headers,
      String contentType,
      @JsonRawValue String payload) {

    static LetterView of(DeadLetter letter) {
      return new LetterView(
          letter.id(),
          letter.messageId(),
          letter.topic(),
          letter.kind().name().toLowerCase(Locale.ROOT),
          letter.subscriber(),
          letter.code(),
          letter.reason(),
          letter.failedAt(),
          letter.attempts(),
          letter.affinityKey(),
          letter.correlationId(),
          letter.headers(),
          letter.contentType(),
          letter.contentType().startsWith(Payload.JSON)
              ? letter.payload().asUtf8()
              : new String(Json.write(letter.payload()), StandardCharsets.UTF_8));
    }
  }

  record LettersView(List<LetterView> deadLetters, long waiting, Optional<String> next) {}

  record Retried(String id, boolean delivered) {}

  private final DeadLetterOffice office;

  DeadLetterResource(DeadLetterOffice office) {
    this.office = office;
  }

  /** Lists letters, oldest first. */
  @GET
  @Allows(Role.OPERATOR)
  public Response list(@Context HttpServletRequest request) {
    QueryParameters parameters = QueryParameters.parse(request.getQueryString(), "after", "limit");
    int limit = parameters.integer("limit", DEFAULT_LIMIT, 1, MOST);
    DeadLetterPage page = office.list(parameters.find("after"), limit);
    List<LetterView> letters = page.letters().stream().map(LetterView::of).toList();
    return JsonAnswer.of(200, new LettersView(letters, office.size(), page.next())).build();
  }

  /** Shows one letter. */
  @GET
  @Path("/{id}")
  @Allows(Role.OPERATOR)
  public Response describe(@PathParam("id") String id) {
    return JsonAnswer.of(200, LetterView.of(office.find(id).orElseThrow(() -> notFound(id))))
        .build();
  }

  /** Sends a letter again. */
  @POST
  @Path("/{id}/retry")
  @Allows(Role.OPERATOR)
  @Audited("dead-letter.retry")
  public Response retry(@PathParam("id") String id) {
    Gateway.await(office.retry(id));
    return JsonAnswer.of(200, new Retried(id, true)).build();
  }

  /** Removes a letter. */
  @DELETE
  @Path("/{id}")
  @Allows(Role.OPERATOR)
  @Audited("dead-letter.delete")
  public Response delete(@PathParam("id") String id) {
    if (!office.delete(id)) {
      throw notFound(id);
    }
    return Response.noContent().build();
  }

  private static WarehouseException notFound(String id) {
    return new WarehouseException(
        StandardErrorCode.NOT_FOUND,
        "there is no dead letter with id " + WarehouseException.shown(id));
  }
}
