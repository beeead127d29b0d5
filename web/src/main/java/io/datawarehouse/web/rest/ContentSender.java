package io.datawarehouse.web.rest;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.StorageMessages.BlobRead;
import io.datawarehouse.sdk.blob.StorageMessages.ReadOutcome;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.web.http.Buffers;
import io.datawarehouse.web.http.DigestHeader;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.HttpDate;
import io.datawarehouse.web.http.HttpResponse;
import io.datawarehouse.web.http.SendWatch;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Sends contents straight to the container's stream: JAX-RS would look for a writer by the blob's
 * media type, which anybody may invent. The first piece is read before anything is sent, so that
 * what fails there is still answered as a problem. Thread-safe.
 */
final class ContentSender {

  private static final System.Logger LOG = System.getLogger(ContentSender.class.getName());
  private static final int PARTIAL_CONTENT = 206;
  private static final int NOT_MODIFIED = 304;
  private static final int BUFFER = SendWatch.PIECE;
  private static final int MOST_IDLE_BUFFERS = 64;

  private final Buffers buffers = new Buffers(BUFFER, MOST_IDLE_BUFFERS);

  /** Sends a content, or a part of it. */
  void send(Exchange exchange, BlobRead read, Reply reply, Content content) throws IOException {
    byte[] buffer = buffers.take();
    try {
      InputStream source = content.stream();
      int first = fill(source, buffer, read.length());
      headers(exchange, read, reply);
      write(exchange, source, buffer, first, read.length());
    } finally {
      buffers.giveBack(buffer);
    }
  }

  /** Who takes a content, and how quickly. */
  private record Taker(OutputStream target, SendWatch.Sending sending) {
    void take(byte[] buffer, int count) throws IOException {
      sending.write(target, buffer, count);
    }
  }

  private static void write(
      Exchange exchange, InputStream source, byte[] buffer, int first, long length) {
    try (SendWatch.Sending sending = exchange.send()) {
      OutputStream target = exchange.response().content();
      sending.write(target, buffer, first);
      exchange.sent(first);
      if (first < length) {
        sending.flush(target);
        if (!rest(exchange, source, new Taker(target, sending), buffer, length - first)) {
          return;
        }
      }
      sending.end(target);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the client went away before the end of a content", e);
      exchange.breakOff();
    }
  }

  /** Tells all about a content, or a part of it, and sends none of it. */
  void describe(Exchange exchange, BlobRead read, Reply reply) throws IOException {
    headers(exchange, read, reply);
    exchange.response().flush();
  }

  /** Tells that the client has this version. */
  void notModified(Exchange exchange, BlobManifest manifest, Reply reply) throws IOException {
    HttpResponse response = exchange.response();
    response.status(NOT_MODIFIED);
    version(response, manifest, reply);
    response.flush();
  }

  private static void headers(Exchange exchange, BlobRead read, Reply reply) {
    HttpResponse response = exchange.response();
    BlobManifest manifest = read.manifest();
    String digest = DigestHeader.ofSha256(manifest.etag());
    version(response, manifest, reply);
    response.header("Content-Type", manifest.contentType());
    response.contentLength(read.length());
    response.header("Accept-Ranges", "bytes");
    response.header("Repr-Digest", digest);
    if (read.outcome() == ReadOutcome.PART) {
      response.status(PARTIAL_CONTENT);
      response.header(
          "Content-Range",
          "bytes "
              + read.offset()
              + "-"
              + (read.offset() + read.length() - 1)
              + "/"
              + manifest.size());
    } else {
      // Of a part this would have to be the part's own digest (RFC 9530).
      response.header("Content-Digest", digest);
    }
  }

  private static void version(HttpResponse response, BlobManifest manifest, Reply reply) {
    BlobResource.describe(response, manifest, reply);
    response.header("Last-Modified", HttpDate.format(manifest.lastModified()));
  }

  /** Reads until the buffer is full or nothing is left. */
  private static int fill(InputStream source, byte[] buffer, long length) {
    int wanted = (int) Math.min(buffer.length, length);
    int got = 0;
    while (got < wanted) {
      int count = read(source, buffer, got, wanted - got);
      if (count < 0) {
        throw cutShort(wanted - got);
      }
      got += count;
    }
    return got;
  }

  /**
   * Sends what comes after the first piece. The status line is out: a failure can only break the
   * connection. Returns whether all was sent.
   */
  private static boolean rest(
      Exchange exchange, InputStream source, Taker taker, byte[] buffer, long length)
      throws IOException {
    long left = length;
    while (left > 0) {
      int count;
      try {
        count = read(source, buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
          throw cutShort(left);
        }
      } catch (WarehouseException e) {
        LOG.log(
            System.Logger.Level.ERROR,
            () ->
                exchange.request().path()
                    + " could not be sent to its end, the connection is broken off, trace "
                    + exchange.trace().traceId(),
            e);
        exchange.breakOff();
        return false;
      }
      taker.take(buffer, count);
      exchange.sent(count);
      left -= count;
    }
    return true;
  }

  private static int read(InputStream source, byte[] buffer, int offset, int length) {
    try {
      return source.read(buffer, offset, length);
    } catch (IOException e) {
      throw new WarehouseException(
          StandardErrorCode.STORAGE_FAILED, "the content cannot be read", e);
    }
  }

  private static WarehouseException cutShort(long missing) {
    return new WarehouseException(
        StandardErrorCode.BLOB_CORRUPT,
        "the stored content ends " + missing + " bytes before its length");
  }
}
