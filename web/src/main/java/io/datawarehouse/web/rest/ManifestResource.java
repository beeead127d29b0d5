package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.http.RequestPath;
import io.datawarehouse.web.json.JsonAnswer;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import java.io.IOException;

/** All that is known of a blob but its content. */
@Path("/buckets/{bucket}/manifests/{key: .*}")
public final class ManifestResource {

  private final Gateway gateway;

  ManifestResource(Gateway gateway) {
    this.gateway = gateway;
  }

  /** Shows a blob's manifest. */
  @GET
  @Allows(Role.READER)
  public void manifest(@Context HttpServletRequest request) throws IOException {
    Exchange exchange = Exchange.of(request);
    BlobKey key = RequestPath.blob(exchange.request().path());
    QueryParameters.parse(request.getQueryString());
    Reply reply =
        gateway.ask(
            exchange,
            StorageTopics.DESCRIBE,
            new DescribeBlob(key.bucket(), key.key()),
            key.affinityKey());
    BlobManifest manifest = reply.as(BlobManifest.class);
    BlobResource.describe(exchange.response(), manifest, reply);
    JsonAnswer.send(exchange.response(), 200, manifest);
  }
}
