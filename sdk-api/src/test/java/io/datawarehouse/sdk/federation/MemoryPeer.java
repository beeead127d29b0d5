package io.datawarehouse.sdk.federation;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.plugin.SdkVersion;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * A peer in the same process that keeps whole blobs in memory, as they are: both forms are the
 * same. Confined to one thread.
 */
public final class MemoryPeer implements FederationNode {

  private record Blob(BlobManifest manifest, byte[] content) {}

  private final NodeId id;
  private final Map<BlobKey, Blob> blobs = new HashMap<>();

  /** Whether it can be reached. */
  public boolean reachable = true;

  /** Makes a peer that has nothing. */
  public MemoryPeer(String id) {
    this.id = new NodeId(id);
  }

  /** Makes the manifest of a text whose etag is the text itself. */
  public static BlobManifest manifestOf(BlobKey key, String text) {
    int size = text.getBytes(StandardCharsets.UTF_8).length;
    Instant time = Instant.parse("2026-01-01T00:00:00Z");
    return new BlobManifest(
        key.bucket(),
        key.key(),
        size,
        size,
        "text/plain",
        text,
        "context",
        time,
        time,
        Map.of(),
        List.of(),
        0,
        List.of(),
        false);
  }

  /** Puts a text there. */
  public BlobManifest put(BlobKey key, String text) {
    BlobManifest manifest = manifestOf(key, text);
    blobs.put(key, new Blob(manifest, text.getBytes(StandardCharsets.UTF_8)));
    return manifest;
  }

  /** Returns the text that is there. */
  public Optional<String> text(BlobKey key) {
    return Optional.ofNullable(blobs.get(key))
        .map(blob -> new String(blob.content(), StandardCharsets.UTF_8));
  }

  @Override
  public NodeId nodeId() {
    return id;
  }

  @Override
  public CompletionStage<FederationWelcome> handshake(FederationHello hello, Duration limit) {
    return answer(
        () ->
            new FederationHello(id, 1, "dw", SdkVersion.CURRENT, 1, 3, Set.of("zstd"))
                .answer(hello));
  }

  @Override
  public CompletionStage<Optional<BlobManifest>> manifest(BlobKey key, Duration limit) {
    return answer(() -> Optional.ofNullable(blobs.get(key)).map(Blob::manifest));
  }

  @Override
  public CompletionStage<FederatedRead> openRead(ReadRequest request) {
    return answer(() -> open(request));
  }

  private FederatedRead open(ReadRequest request) {
    Blob blob = blobs.get(request.key());
    if (blob == null
        || request.etag().filter(etag -> !etag.equals(blob.manifest().etag())).isPresent()) {
      throw new WarehouseException(StandardErrorCode.NO_SUCH_BLOB, id + " has no " + request.key());
    }
    if (request.offset() > blob.content().length) {
      throw new WarehouseException(StandardErrorCode.RANGE_NOT_SATISFIABLE, "too short");
    }
    long rest = blob.content().length - request.offset();
    long length =
        request.length() == ReadRequest.TO_THE_END ? rest : Math.min(rest, request.length());
    int from = (int) request.offset();
    byte[] part = Arrays.copyOfRange(blob.content(), from, from + (int) length);
    return new Part(
        blob.manifest(), request.form(), request.offset(), length, new ByteArrayInputStream(part));
  }

  private record Part(
      BlobManifest manifest, ContentForm form, long offset, long length, InputStream stream)
      implements FederatedRead {
    @Override
    public void close() {}
  }

  @Override
  public FederatedWrite openWrite(BlobManifest manifest, ContentForm form, Duration stall) {
    ByteArrayOutputStream received = new ByteArrayOutputStream();
    return new FederatedWrite() {
      @Override
      public BlobManifest manifest() {
        return manifest;
      }

      @Override
      public ContentForm form() {
        return form;
      }

      @Override
      public void write(byte[] source, int offset, int length) {
        requireReachable();
        received.write(source, offset, length);
      }

      @Override
      public CompletionStage<CopyOutcome> commit() {
        return answer(() -> store(manifest, received.toByteArray()));
      }

      @Override
      public void close() {}
    };
  }

  private CopyOutcome store(BlobManifest manifest, byte[] content) {
    if (content.length != manifest.size()) {
      throw new WarehouseException(
          StandardErrorCode.CONTENT_LENGTH_MISMATCH,
          content.length + " bytes came, " + manifest.size() + " were announced");
    }
    Blob standing = blobs.get(manifest.blobKey());
    if (standing != null && standing.manifest().etag().equals(manifest.etag())) {
      return new CopyOutcome.AlreadyThere();
    }
    if (standing != null && standing.manifest().lastModified().isAfter(manifest.lastModified())) {
      return new CopyOutcome.Superseded(standing.manifest());
    }
    blobs.put(manifest.blobKey(), new Blob(manifest, content));
    return new CopyOutcome.Stored(manifest);
  }

  @Override
  public void close() {
    reachable = false;
  }

  private <T> CompletionStage<T> answer(Supplier<T> work) {
    try {
      requireReachable();
      return CompletableFuture.completedFuture(work.get());
    } catch (WarehouseException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void requireReachable() {
    if (!reachable) {
      throw new WarehouseException(StandardErrorCode.UNAVAILABLE, id + " cannot be reached");
    }
  }
}
