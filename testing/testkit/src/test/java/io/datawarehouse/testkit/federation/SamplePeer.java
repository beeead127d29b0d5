package io.datawarehouse.testkit.federation;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.federation.ContentForm;
import io.datawarehouse.sdk.federation.CopyOutcome;
import io.datawarehouse.sdk.federation.FederatedRead;
import io.datawarehouse.sdk.federation.FederatedWrite;
import io.datawarehouse.sdk.federation.FederationHello;
import io.datawarehouse.sdk.federation.FederationNode;
import io.datawarehouse.sdk.federation.FederationWelcome;
import io.datawarehouse.sdk.federation.ReadRequest;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.plugin.SdkVersion;
import io.datawarehouse.testkit.replication.Versions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A peer in the same process that keeps blobs in memory, as they are: both forms are the same. A
 * version has seen another that was written earlier. Thread-safe.
 */
public class SamplePeer implements FederationNode {

  private record Blob(BlobManifest manifest, byte[] content) {}

  private final NodeId id;
  private final Map<BlobKey, Blob> blobs = new ConcurrentHashMap<>();
  private final AtomicInteger reads = new AtomicInteger();
  private volatile boolean admitted;
  private volatile boolean reachable = true;
  private volatile CountDownLatch held = new CountDownLatch(0);

  /** Makes a peer that has nothing. */
  public SamplePeer(String id) {
    this.id = new NodeId(id);
  }

  /** Shakes hands as a kernel does on its own. */
  public SamplePeer admitted() {
    admitted = true;
    return this;
  }

  /** Makes the manifest of a version that has seen all with smaller numbers. */
  public static BlobManifest manifest(BlobKey key, Bytes content, int version) {
    return Versions.manifest(key, content, "application/octet-stream", "v" + version, version);
  }

  /** Puts a version there. */
  public void put(BlobManifest manifest, Bytes content) {
    blobs.put(manifest.blobKey(), new Blob(manifest, content.toArray()));
  }

  /** Returns what stands there, if it is whole. */
  public Optional<Bytes> content(BlobKey key) {
    return Optional.ofNullable(blobs.get(key))
        .filter(SamplePeer::whole)
        .map(blob -> Bytes.copyOf(blob.content()));
  }

  /** Returns the manifest of what stands there, whole or not. */
  public Optional<BlobManifest> standing(BlobKey key) {
    return Optional.ofNullable(blobs.get(key)).map(Blob::manifest);
  }

  /** Returns the keys of all that stands there. */
  public List<BlobKey> keys() {
    return blobs.keySet().stream().sorted((a, b) -> a.key().compareTo(b.key())).toList();
  }

  /** Flips a bit of a content. */
  public void damage(BlobKey key) {
    byte[] content = blobs.get(key).content();
    content[content.length / 2] ^= 1;
  }

  /** Says whether it can be reached. */
  public void reachable(boolean is) {
    reachable = is;
  }

  /** Takes nothing until it is released. */
  public void hold() {
    held = new CountDownLatch(1);
  }

  /** Takes content again. */
  public void release() {
    held.countDown();
  }

  /** Returns how often content was read. */
  public int reads() {
    return reads.get();
  }

  @Override
  public NodeId nodeId() {
    return id;
  }

  @Override
  public CompletionStage<FederationWelcome> handshake(FederationHello hello, Duration limit) {
    if (!reachable) {
      return CompletableFuture.failedFuture(away());
    }
    FederationWelcome welcome =
        new FederationHello(id, 1, "dw", SdkVersion.CURRENT, 1, 3, Set.of("zstd")).answer(hello);
    admitted = welcome instanceof FederationWelcome.Accepted || letsAnybodyIn();
    return CompletableFuture.completedFuture(welcome);
  }

  /** Returns whether those that were refused may read. */
  protected boolean letsAnybodyIn() {
    return false;
  }

  @Override
  public CompletionStage<Optional<BlobManifest>> manifest(BlobKey key, Duration limit) {
    return answer(() -> standing(key));
  }

  @Override
  public CompletionStage<FederatedRead> openRead(ReadRequest request) {
    return answer(() -> open(request));
  }

  private FederatedRead open(ReadRequest request) {
    reads.incrementAndGet();
    Blob blob = blobs.get(request.key());
    if (blob == null
        || request.etag().filter(etag -> !etag.equals(blob.manifest().etag())).isPresent()) {
      throw new WarehouseException(StandardErrorCode.NO_SUCH_BLOB, id + " has no " + request.key());
    }
    if (request.offset() > blob.content().length) {
      throw new WarehouseException(StandardErrorCode.RANGE_NOT_SATISFIABLE, "too short");
    }
    if (checksReads() && !whole(blob)) {
      throw new WarehouseException(StandardErrorCode.BLOB_CORRUPT, request.key() + " is damaged");
    }
    long rest = blob.content().length - request.offset();
    long length =
        request.length() == ReadRequest.TO_THE_END ? rest : Math.min(rest, request.length());
    int from = (int) request.offset();
    byte[] part = Arrays.copyOfRange(blob.content(), from, from + (int) length);
    return new Part(
        blob.manifest(), request.form(), request.offset(), length, new ByteArrayInputStream(part));
  }

  /** Returns whether content is compared with its digest when it is read. */
  protected boolean checksReads() {
    return true;
  }

  private static boolean whole(Blob blob) {
    return Versions.sha256(Bytes.copyOf(blob.content())).equals(blob.manifest().etag());
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
        Objects.checkFromIndexSize(offset, length, source.length);
        requireUsable();
        awaitRelease(stall);
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

  private void awaitRelease(Duration stall) {
    try {
      if (!held.await(stall.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new WarehouseException(StandardErrorCode.TIMEOUT, id + " takes nothing");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WarehouseException(StandardErrorCode.UNAVAILABLE, "interrupted");
    }
  }

  private synchronized CopyOutcome store(BlobManifest manifest, byte[] content) {
    if (checksCopies()) {
      requireWhole(manifest, content);
    }
    Blob standing = blobs.get(manifest.blobKey());
    if (standing != null && standing.manifest().etag().equals(manifest.etag())) {
      return new CopyOutcome.AlreadyThere();
    }
    if (standing != null && !replaces(manifest, standing.manifest())) {
      return new CopyOutcome.Superseded(standing.manifest());
    }
    blobs.put(manifest.blobKey(), new Blob(manifest, content));
    return new CopyOutcome.Stored(manifest);
  }

  /** Returns whether what comes in is compared with what was announced. */
  protected boolean checksCopies() {
    return true;
  }

  private static void requireWhole(BlobManifest manifest, byte[] content) {
    if (content.length != manifest.size()) {
      throw new WarehouseException(
          StandardErrorCode.CONTENT_LENGTH_MISMATCH,
          content.length + " bytes came, " + manifest.size() + " were announced");
    }
    if (!Versions.sha256(Bytes.copyOf(content)).equals(manifest.etag())) {
      throw new WarehouseException(StandardErrorCode.DIGEST_MISMATCH, "another digest");
    }
  }

  /** Returns whether a version takes the place of the one that stands. */
  protected boolean replaces(BlobManifest incoming, BlobManifest standing) {
    return incoming.lastModified().isAfter(standing.lastModified());
  }

  @Override
  public void close() {
    reachable = false;
  }

  private <T> CompletionStage<T> answer(Supplier<T> work) {
    try {
      requireUsable();
      return CompletableFuture.completedFuture(work.get());
    } catch (WarehouseException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void requireUsable() {
    if (!reachable) {
      throw away();
    }
    if (!admitted) {
      throw new WarehouseException(StandardErrorCode.UNAVAILABLE, id + " did not let us in");
    }
  }

  private WarehouseException away() {
    return new WarehouseException(StandardErrorCode.UNAVAILABLE, id + " cannot be reached");
  }
}
