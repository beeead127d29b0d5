package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.blob.ReadDecision;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.ByteRange;
import io.datawarehouse.sdk.blob.ByteRange.Span;
import io.datawarehouse.sdk.blob.StorageMessages.BlobRead;
import io.datawarehouse.sdk.blob.StorageMessages.BlobWritten;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBlob;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBlob;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.ReadOutcome;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.web.http.BlobHeaders;
import io.datawarehouse.web.http.EntityTags;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.HttpRequest;
import io.datawarehouse.web.http.HttpResponse;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.http.RangeHeader;
import io.datawarehouse.web.http.RequestHeaders;
import io.datawarehouse.web.http.RequestPath;
import io.datawarehouse.web.json.JsonAnswer;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;

/**
 * Blobs: their content streams through, in both directions, and is never held whole. The key is cut
 * out of the raw path; the variables of the template only find the method.
 */
@Path("/buckets/{bucket}/blobs/{key: .*}")
public final class BlobResource {

  private static final int NO_CONTENT = 204;
  private static final String SIBLING = "sibling";

  private final Gateway gateway;
  private final Clock clock;
  private final ContentSender sender = new ContentSender();

  BlobResource(Gateway gateway, Clock clock) {
    this.gateway = gateway;
    this.clock = clock;
  }

  /** Writes a blob. */
  @PUT
  @Allows(Role.WRITER)
  public void write(@Context HttpServletRequest request) throws IOException {
    write(Exchange.of(request));
  }

  void write(Exchange exchange) throws IOException {
    HttpRequest request = exchange.request();
    BlobKey key = RequestPath.blob(request.path());
    QueryParameters.parse(request.query());
    BlobHeaders.refuseUnsupported(request);
    WriteBlob command =
        new WriteBlob(
            key.bucket(),
            key.key(),
            BlobHeaders.contentType(request),
            BlobHeaders.tags(request),
            BlobHeaders.digests(request),
            BlobHeaders.writeCondition(request),
            BlobHeaders.context(request));
    Reply reply =
        gateway.send(
            exchange,
            Message.command(StorageTopics.WRITE, Payload.of(command))
                .affinityKey(key.affinityKey())
                .content(
                    Content.of(
                        exchange.body(), exchange.announcedLength(), command.contentType())));
    BlobWritten written = reply.as(BlobWritten.class);
    HttpResponse response = exchange.response();
    describe(response, written.manifest(), reply);
    JsonAnswer.send(response, written.created() ? 201 : 200, written.manifest());
  }

  /** Reads a blob, or a part of it. */
  @GET
  @Allows(Role.READER)
  public void read(@Context HttpServletRequest request) throws IOException {
    read(Exchange.of(request));
  }

  void read(Exchange exchange) throws IOException {
    HttpRequest request = exchange.request();
    BlobKey key = RequestPath.blob(request.path());
    Optional<String> sibling = QueryParameters.parse(request.query(), SIBLING).find(SIBLING);
    Reply reply =
        gateway.ask(
            exchange,
            StorageTopics.READ,
            new ReadBlob(
                key.bucket(), key.key(), part(request), BlobHeaders.readCondition(request)),
            key.affinityKey());
    BlobRead read = reply.as(BlobRead.class);
    if (read.outcome() == ReadOutcome.NOT_MODIFIED) {
      requireSibling(read.manifest(), sibling);
      sender.notModified(exchange, read.manifest(), reply);
      return;
    }
    try (Content content = reply.content().orElseThrow()) {
      requireSibling(read.manifest(), sibling);
      sender.send(exchange, read, reply, content);
    }
  }

  /** Tells what a GET would, of a part as of the whole, without the content. */
  @HEAD
  @Allows(Role.READER)
  public void look(@Context HttpServletRequest request) throws IOException {
    look(Exchange.of(request));
  }

  void look(Exchange exchange) throws IOException {
    HttpRequest request = exchange.request();
    BlobKey key = RequestPath.blob(request.path());
    Optional<String> sibling = QueryParameters.parse(request.query(), SIBLING).find(SIBLING);
    ReadBlob asked =
        new ReadBlob(key.bucket(), key.key(), part(request), BlobHeaders.readCondition(request));
    Reply reply =
        gateway.ask(
            exchange,
            StorageTopics.DESCRIBE,
            new DescribeBlob(key.bucket(), key.key()),
            key.affinityKey());
    BlobManifest manifest = reply.as(BlobManifest.class);
    requireSibling(manifest, sibling);
    ReadDecision decision = ReadDecision.of(asked, manifest, clock.instant());
    if (decision.outcome() == ReadOutcome.NOT_MODIFIED) {
      sender.notModified(exchange, manifest, reply);
    } else {
      Span span = decision.span();
      sender.describe(
          exchange,
          new BlobRead(decision.outcome(), manifest, span.offset(), span.length()),
          reply);
    }
  }

  /** Deletes a blob. */
  @DELETE
  @Allows(Role.WRITER)
  public void delete(@Context HttpServletRequest request) throws IOException {
    delete(Exchange.of(request));
  }

  void delete(Exchange exchange) throws IOException {
    HttpRequest request = exchange.request();
    BlobKey key = RequestPath.blob(request.path());
    QueryParameters.parse(request.query());
    Reply reply =
        gateway.command(
            exchange,
            StorageTopics.DELETE,
            new DeleteBlob(
                key.bucket(),
                key.key(),
                BlobHeaders.writeCondition(request),
                BlobHeaders.context(request)),
            key.affinityKey());
    served(exchange.response(), reply);
    exchange.response().status(NO_CONTENT);
    exchange.response().flush();
  }

  private static Optional<ByteRange> part(HttpRequest request) {
    return RequestHeaders.find(request, "Range").flatMap(RangeHeader::parse);
  }

  private static void requireSibling(BlobManifest manifest, Optional<String> sibling) {
    if (sibling.isPresent() && !manifest.etag().equals(sibling.get().replace("\"", ""))) {
      throw new WarehouseException(
          StandardErrorCode.NO_SUCH_BLOB,
          "blob "
              + WarehouseException.shown(manifest.blobKey())
              + " has no version with sibling="
              + WarehouseException.shown(sibling.get()));
    }
  }

  /** Adds what is told of a version beside its manifest. */
  static void describe(HttpResponse response, BlobManifest manifest, Reply reply) {
    served(response, reply);
    response.header("ETag", EntityTags.quoted(manifest.etag()));
    response.header("DW-Context", manifest.context());
  }

  private static void served(HttpResponse response, Reply reply) {
    reply.handledBy().ifPresent(node -> response.header("DW-Served-By", node.value()));
  }
}
