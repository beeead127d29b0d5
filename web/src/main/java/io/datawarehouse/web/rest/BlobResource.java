package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.ByteRange;
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
import io.datawarehouse.web.http.DigestHeader;
import io.datawarehouse.web.http.HttpDate;
import io.datawarehouse.web.http.RangeHeader;
import io.datawarehouse.web.http.RawTarget;
import io.datawarehouse.web.http.UploadStream;
import io.datawarehouse.web.security.Allows;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Blobs: their content streams through, in both directions, and is never held whole. */
@Path("/buckets")
public class BlobResource {

  private static final String BLOBS = "/blobs/";
  private static final String MANIFESTS = "/manifests/";
  private static final int BUFFER = 128 * 1024;

  /** Up to this many bytes an answer is read first and written at once. */
  private static final int SMALL = 64 * 1024;

  @Inject Kernel kernel;
  @Inject Gateway gateway;
  @Inject UploadPatience patience;
  @Context HttpServletRequest request;

  /** Writes a blob. */
  @PUT
  @Path("/{bucket}/blobs/{key: .*}")
  @Allows(Role.WRITER)
  public Response put(@PathParam("bucket") String bucket) throws IOException {
    BlobKey key = key(bucket, BLOBS);
    WriteBlob command =
        new WriteBlob(
            key.bucket(),
            key.key(),
            BlobHeaders.contentType(request),
            BlobHeaders.tags(request),
            BlobHeaders.digests(request),
            BlobHeaders.writeCondition(request),
            BlobHeaders.context(request));
    BlobHeaders.refuseUnsupported(request);
    long length = request.getContentLengthLong();
    UploadStream body =
        new UploadStream(request.getInputStream(), length, patience.get(), System::nanoTime);
    Reply reply =
        gateway.send(
            request,
            Message.command(StorageTopics.WRITE, Payload.of(command))
                .affinityKey(key.affinityKey())
                .content(
                    Content.of(
                        body,
                        length < 0 ? OptionalLong.empty() : OptionalLong.of(length),
                        command.contentType())));
    BlobWritten written = reply.as(BlobWritten.class);
    BlobManifest manifest = written.manifest();
    return served(Gateway.json(written.created() ? 201 : 200, manifest), reply)
        .header("ETag", quoted(manifest.etag()))
        .header("DW-Context", manifest.context())
        .build();
  }

  /** Reads a blob. */
  @GET
  @Path("/{bucket}/blobs/{key: .*}")
  @Allows(Role.READER)
  public Response get(@PathParam("bucket") String bucket, @Context UriInfo uri) {
    Optional<ByteRange> range =
        Optional.ofNullable(request.getHeader("Range")).flatMap(RangeHeader::parse);
    Reply reply = read(bucket, uri, range);
    BlobRead read = reply.as(BlobRead.class);
    if (read.outcome() == ReadOutcome.NOT_MODIFIED) {
      return notModified(read, reply);
    }
    Content content = reply.content().orElseThrow();
    Response.ResponseBuilder answer = described(read, reply);
    answer.header("Content-Length", read.length());
    if (read.length() <= SMALL) {
      return answer.entity(small(content, (int) read.length())).build();
    }
    StreamingOutput output = stream -> copy(content, stream, read.length());
    return answer.entity(output).build();
  }

  /** Tells what a GET would, without the content. */
  @HEAD
  @Path("/{bucket}/blobs/{key: .*}")
  @Allows(Role.READER)
  public Response head(@PathParam("bucket") String bucket, @Context UriInfo uri) {
    Reply reply = read(bucket, uri, Optional.empty());
    reply.content().ifPresent(Content::close);
    BlobRead read = reply.as(BlobRead.class);
    if (read.outcome() == ReadOutcome.NOT_MODIFIED) {
      return notModified(read, reply);
    }
    return described(read, reply).header("Content-Length", read.length()).build();
  }

  /** Deletes a blob. */
  @DELETE
  @Path("/{bucket}/blobs/{key: .*}")
  @Allows(Role.WRITER)
  public Response delete(@PathParam("bucket") String bucket) {
    BlobKey key = key(bucket, BLOBS);
    Reply reply =
        gateway.command(
            request,
            StorageTopics.DELETE,
            new DeleteBlob(
                key.bucket(),
                key.key(),
                BlobHeaders.writeCondition(request),
                BlobHeaders.context(request)),
            key.affinityKey());
    return served(Response.noContent(), reply).build();
  }

  /** Shows a blob's manifest. */
  @GET
  @Path("/{bucket}/manifests/{key: .*}")
  @Allows(Role.READER)
  public Response manifest(@PathParam("bucket") String bucket) {
    BlobKey key = key(bucket, MANIFESTS);
    Reply reply =
        gateway.ask(
            request,
            StorageTopics.DESCRIBE,
            new DescribeBlob(key.bucket(), key.key()),
            key.affinityKey());
    BlobManifest manifest = reply.as(BlobManifest.class);
    return served(Gateway.json(200, manifest), reply)
        .header("ETag", quoted(manifest.etag()))
        .header("DW-Context", manifest.context())
        .build();
  }

  private Reply read(String bucket, UriInfo uri, Optional<ByteRange> range) {
    BlobKey key = key(bucket, BLOBS);
    Optional<String> sibling = Parameters.of(uri, Set.of("sibling")).text("sibling");
    Reply reply =
        gateway.ask(
            request,
            StorageTopics.READ,
            new ReadBlob(key.bucket(), key.key(), range, BlobHeaders.readCondition(request)),
            key.affinityKey());
    if (sibling.isPresent()) {
      requireSibling(reply, key, sibling.get());
    }
    return reply;
  }

  private static void requireSibling(Reply reply, BlobKey key, String sibling) {
    String wanted = sibling.replace("\"", "");
    if (!reply.as(BlobRead.class).manifest().etag().equals(wanted)) {
      reply.content().ifPresent(Content::close);
      throw new WarehouseException(
          StandardErrorCode.NO_SUCH_BLOB,
          "blob '" + key + "' has no version with sibling=" + WarehouseException.shown(sibling));
    }
  }

  private Response notModified(BlobRead read, Reply reply) {
    BlobManifest manifest = read.manifest();
    return served(Response.notModified(), reply)
        .header("ETag", quoted(manifest.etag()))
        .header("Last-Modified", HttpDate.format(manifest.lastModified()))
        .header("DW-Context", manifest.context())
        .build();
  }

  private Response.ResponseBuilder described(BlobRead read, Reply reply) {
    BlobManifest manifest = read.manifest();
    String digest = DigestHeader.ofSha256(manifest.etag());
    boolean part = read.outcome() == ReadOutcome.PART;
    Response.ResponseBuilder answer =
        served(Response.status(part ? 206 : 200), reply)
            .header("Content-Type", manifest.contentType())
            .header("ETag", quoted(manifest.etag()))
            .header("Last-Modified", HttpDate.format(manifest.lastModified()))
            .header("Accept-Ranges", "bytes")
            .header("Repr-Digest", digest)
            .header("DW-Context", manifest.context());
    if (part) {
      long last = read.offset() + read.length() - 1;
      return answer.header(
          "Content-Range", "bytes " + read.offset() + "-" + last + "/" + manifest.size());
    }
    // Of a part this would have to be the part's own digest (RFC 9530).
    return answer.header("Content-Digest", digest);
  }

  private static Response.ResponseBuilder served(Response.ResponseBuilder answer, Reply reply) {
    reply.handledBy().ifPresent(node -> answer.header("DW-Served-By", node.value()));
    return answer;
  }

  private static byte[] small(Content content, int length) {
    try (content) {
      byte[] bytes = content.stream().readNBytes(length);
      if (bytes.length < length) {
        throw cutShort(bytes.length, length);
      }
      return bytes;
    } catch (IOException e) {
      throw new WarehouseException(
          StandardErrorCode.STORAGE_FAILED, "the content cannot be read", e);
    }
  }

  /**
   * Copies, frame by frame. What fails in here comes after the status line, so that all that is
   * left is to break the connection: the client sees fewer bytes than announced.
   */
  private static void copy(Content content, OutputStream target, long length) throws IOException {
    try (content) {
      InputStream source = content.stream();
      byte[] buffer = new byte[(int) Math.min(BUFFER, length)];
      long left = length;
      while (left > 0) {
        int got = source.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (got < 0) {
          throw cutShort(length - left, length);
        }
        target.write(buffer, 0, got);
        left -= got;
      }
      target.flush();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static WarehouseException cutShort(long got, long length) {
    return new WarehouseException(
        StandardErrorCode.BLOB_CORRUPT,
        "the content ended after " + got + " of " + length + " bytes");
  }

  private BlobKey key(String bucket, String marker) {
    BucketName name = new BucketName(bucket);
    String prefix = request.getContextPath() + ApiApplication.PATH + "/buckets/" + bucket;
    return new BlobKey(name, RawTarget.after(request.getRequestURI(), prefix, marker));
  }

  private static String quoted(String etag) {
    return '"' + etag + '"';
  }
}
