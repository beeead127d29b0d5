package io.datawarehouse.kernel.pipeline;

import io.datawarehouse.kernel.keys.DataKey;
import io.datawarehouse.kernel.keys.DataKeys;
import io.datawarehouse.kernel.keys.NoDataKeys;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.ContentEncoding;
import io.datawarehouse.sdk.blob.WrappedKey;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.sdk.transform.ContentTransformer;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The pipelines of a node: which are allowed, and the ways through them into the store and back.
 * Thread-safe.
 */
public final class ContentPipelines {

  /** Room beyond a frame that compressions and ciphers commonly need. */
  private static final int USUAL_EXPANSION = FrameLayout.FRAME_BYTES / 64 + 1024;

  private static final int SHARED_FRAMES = 64;
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
  private static final int MOST_HELPERS_OF_ONE = 4;

  /**
   * What pipelines work with. Immutable.
   *
   * @param transformers those that are running, asked anew each time
   * @param keys makes and opens the keys of encrypted content
   * @param executor encodes and decodes frames beside the thread that stores or reads; may refuse
   * @param random names contents; unpredictable
   * @param defaultPipeline what a bucket gets that asks for nothing; not checked here
   */
  public record Options(
      Supplier<List<ContentTransformer>> transformers,
      DataKeys keys,
      Executor executor,
      RandomGenerator random,
      List<String> defaultPipeline) {

    /** Checks that nothing is missing. */
    public Options {
      Objects.requireNonNull(transformers, "transformers");
      Objects.requireNonNull(keys, "keys");
      Objects.requireNonNull(executor, "executor");
      Objects.requireNonNull(random, "random");
      defaultPipeline = List.copyOf(defaultPipeline);
    }
  }

  private final Options options;
  private final TransformerCatalog catalog;
  private final FrameLane.Workshop workshop;

  /** Makes the pipelines of a node. */
  public ContentPipelines(Options options) {
    this.options = options;
    this.catalog = new TransformerCatalog(options.transformers());
    this.workshop =
        new FrameLane.Workshop(
            new FramePool(FrameLayout.FRAME_BYTES + USUAL_EXPANSION, SHARED_FRAMES),
            options.executor(),
            new Semaphore(2 * PROCESSORS),
            Math.min(PROCESSORS, MOST_HELPERS_OF_ONE));
  }

  /** Returns pipelines of a node that has no transformers and no keys. */
  public static ContentPipelines none() {
    return new ContentPipelines(
        new Options(List::of, new NoDataKeys(), Runnable::run, new SecureRandom(), List.of()));
  }

  /**
   * Returns the pipeline of a new bucket.
   *
   * @param asked what was asked for; the installation's default where nothing was
   * @throws WarehouseException {@code SETTING_UNSUPPORTED} naming a stage that is not known, {@code
   *     INVALID_ARGUMENT} for an order that makes no sense
   */
  public List<String> choose(Optional<List<String>> asked) {
    return catalog.requireValid(asked.orElse(options.defaultPipeline())).names();
  }

  /** Returns how many bytes will be stored, where that can be said at all; a hint. */
  public OptionalLong expectedBytes(List<String> names, OptionalLong contentBytes) {
    if (names.isEmpty() || contentBytes.isEmpty()) {
      return contentBytes;
    }
    long bytes = contentBytes.getAsLong();
    Pipeline pipeline = catalog.forWriting(names);
    return bytes <= FrameLayout.FRAME_BYTES || pipeline.compressions().isEmpty()
        ? OptionalLong.of(sum(bytes, FrameLayout.frames(bytes, FrameLayout.FRAME_BYTES) * 64))
        : OptionalLong.empty();
  }

  /** What a client announces may be the largest number there is. */
  private static long sum(long bytes, long more) {
    return bytes > Long.MAX_VALUE - more ? Long.MAX_VALUE : bytes + more;
  }

  /**
   * Begins to encode content; the caller closes the encoder.
   *
   * @param names the stages, at least one
   * @param digest sees all content
   * @throws WarehouseException {@code TRANSFORMER_MISSING}, or what the keys throw
   */
  public ContentEncoder encoder(
      BlobKey blob, List<String> names, BlobWriter writer, ContentEncoder.Digest digest) {
    Pipeline pipeline = catalog.forWriting(names);
    byte[] random = new byte[ContentEncoding.CONTENT_ID_BYTES];
    options.random().nextBytes(random);
    Bytes contentId = Bytes.copyOf(random);
    DataKey key = pipeline.encryption().isPresent() ? options.keys().create(blob, contentId) : null;
    ContentSecret secret =
        new ContentSecret(blob, contentId, FrameLayout.FRAME_BYTES, pipeline.names(), key);
    return new ContentEncoder(pipeline, writer, contentId, secret, digest, workshop);
  }

  /**
   * Opens a part of a version as it was written; the caller closes the stream, then the reader.
   *
   * @param offset the first byte, 0 to the size
   * @param length how many bytes, at most what follows
   * @throws WarehouseException {@code TRANSFORMER_MISSING}; {@code BLOB_CORRUPT}, by this call or
   *     the stream; what the keys throw
   */
  public InputStream open(BlobReader reader, long offset, long length) {
    BlobManifest manifest = reader.manifest();
    if (offset < 0 || length < 0 || offset > manifest.size() - length) {
      throw new IndexOutOfBoundsException(
          length + " bytes from " + offset + " on are not in " + manifest.size());
    }
    if (manifest.encoding().isEmpty()) {
      return openPlain(reader, offset, length);
    }
    if (length == 0 && manifest.size() > 0) {
      return InputStream.nullInputStream();
    }
    ContentEncoding encoding = manifest.encoding().get();
    Pipeline pipeline = pipelineOf(manifest, encoding);
    StoredFrames frames = new StoredFrames(reader, encoding, pipeline);
    ContentSecret secret = secretOf(manifest, encoding, pipeline);
    DecodedContent content =
        new DecodedContent(frames, lane(manifest, pipeline, secret), secret, offset, length);
    boolean begun = false;
    try {
      content.begin();
      begun = true;
      return content;
    } finally {
      if (!begun) {
        content.close();
      }
    }
  }

  private static InputStream openPlain(BlobReader reader, long offset, long length) {
    try {
      return reader.open(offset, length);
    } catch (IndexOutOfBoundsException e) {
      throw Damage.of(
          reader.manifest().blobKey(), "its stored content is shorter than its manifest says");
    }
  }

  private FrameLane lane(BlobManifest manifest, Pipeline pipeline, ContentSecret secret) {
    return new FrameLane(
        workshop,
        pipeline.mostBytes(secret.frameBytes()),
        () -> new DecodingCoder(pipeline, workshop.pool(), secret, manifest.blobKey()),
        null);
  }

  /**
   * Reads a version to its end, frame by frame on the caller's thread, and throws {@code
   * BLOB_CORRUPT} unless every frame, the index and the digest of the content are as they were
   * stored. The caller closes the reader, of which nothing else is opened meanwhile.
   *
   * @param pace told before anything is read how many bytes that will be
   */
  public void verify(BlobReader reader, ContentAudit.Pace pace) {
    BlobManifest manifest = reader.manifest();
    ContentAudit audit = new ContentAudit(reader, pace);
    if (manifest.encoding().isEmpty()) {
      audit.verifyPlain();
      return;
    }
    ContentEncoding encoding = manifest.encoding().get();
    Pipeline pipeline = pipelineOf(manifest, encoding);
    StoredFrames frames = new StoredFrames(reader, encoding, pipeline);
    try (ContentSecret secret = secretOf(manifest, encoding, pipeline);
        DecodingCoder coder =
            new DecodingCoder(pipeline, workshop.pool(), secret, manifest.blobKey())) {
      audit.verifyEncoded(frames, coder);
    }
  }

  private Pipeline pipelineOf(BlobManifest manifest, ContentEncoding encoding) {
    if (encoding.frameBytes() > FrameLayout.MOST_FRAME_BYTES) {
      throw Damage.of(
          manifest.blobKey(), "frames of " + encoding.frameBytes() + " bytes are not written");
    }
    Pipeline pipeline = catalog.forReading(manifest.pipeline());
    if (pipeline.encryption().isPresent() != encoding.key().isPresent()) {
      throw Damage.of(manifest.blobKey(), "its pipeline and its key do not fit");
    }
    return pipeline;
  }

  private ContentSecret secretOf(
      BlobManifest manifest, ContentEncoding encoding, Pipeline pipeline) {
    BlobKey blob = manifest.blobKey();
    Optional<WrappedKey> wrapped = encoding.key();
    @Nullable DataKey key =
        wrapped.isPresent() ? options.keys().open(blob, encoding.contentId(), wrapped.get()) : null;
    return new ContentSecret(
        blob, encoding.contentId(), encoding.frameBytes(), pipeline.names(), key);
  }
}
