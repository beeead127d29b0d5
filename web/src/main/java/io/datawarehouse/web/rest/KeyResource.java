package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.keys.KeyOffice;
import io.datawarehouse.kernel.keys.KeyOffice.Rotation;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.audit.Audited;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.json.JsonAnswer;
import io.datawarehouse.web.json.JsonBody;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.Optional;

/** Keys: what there is, new ones, and their end. Never a key itself. */
@Path("/keys")
public final class KeyResource {

  /** What is to be rotated. */
  record RotationRequest(Optional<String> scope, Optional<String> bucket) {}

  private final KeyOffice office;

  KeyResource(KeyOffice office) {
    this.office = office;
  }

  /** Lists all keys with their states. */
  @GET
  @Allows(Role.ADMIN)
  public Response list(@Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    return JsonAnswer.of(200, office.status()).build();
  }

  /** Rotates the master key, or the key of a bucket, or of all of them. */
  @POST
  @Path("/rotate")
  @Allows(Role.ADMIN)
  @Audited("key.rotate")
  public Response rotate(@Context HttpServletRequest request) throws IOException {
    QueryParameters.parse(request.getQueryString());
    RotationRequest wanted = JsonBody.require(Exchange.of(request), RotationRequest.class);
    Exchange.of(request)
        .say("scope " + wanted.scope().orElse("") + wanted.bucket().map(" "::concat).orElse(""));
    return JsonAnswer.of(200, rotate(wanted)).build();
  }

  private Rotation rotate(RotationRequest wanted) {
    String scope = wanted.scope().orElse("");
    switch (scope) {
      case "master":
        if (wanted.bucket().isPresent()) {
          throw WarehouseException.invalid(
              "bucket", wanted.bucket().get(), "the master key is of no bucket: leave it out");
        }
        return office.rotateMaster();
      case "bucket":
        return wanted.bucket().isPresent()
            ? office.rotateBucket(new BucketName(wanted.bucket().get()))
            : office.rotateBuckets();
      default:
        throw WarehouseException.invalid(
            "scope", wanted.scope().orElse(null), "use master or bucket");
    }
  }

  /** Destroys the keys of a bucket, and with them what they protect. */
  @DELETE
  @Path("/buckets/{bucket}")
  @Allows(Role.ADMIN)
  @Audited("key.destroy")
  public Response destroy(@PathParam("bucket") String bucket, @Context HttpServletRequest request) {
    BucketName name = new BucketName(bucket);
    QueryParameters parameters = QueryParameters.parse(request.getQueryString(), "confirm");
    Optional<String> confirmed = parameters.find("confirm");
    if (!confirmed.equals(Optional.of(name.value()))) {
      throw WarehouseException.invalid(
          "confirm",
          confirmed.orElse(null),
          "what is encrypted in the bucket can never be read again: repeat the bucket's name");
    }
    return JsonAnswer.of(200, office.destroy(name)).build();
  }
}
