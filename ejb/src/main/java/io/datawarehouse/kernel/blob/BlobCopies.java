package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.heat.StockChange;
import io.datawarehouse.kernel.pipeline.ContentEncoder;
import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.kernel.sharding.Utf8Order;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.ContentDigest;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Gives and takes whole versions of blobs as they are, with their times, tags and causal contexts,
 * for those that move them between nodes. Content travels as it was written; each node keeps it by
 * its own keys. Thread-safe; knows nothing of who owns what.
 */
public final class BlobCopies {

  private static final int SMALL = 64 * 1024;
  private static final int LARGE = 256 * 1024;
  private static final int SHARED_BUFFERS = 16;

  /**
   * A version to be sent. Who has it closes its content.
   *
   * @param manifest all that is known of it
   * @param content what was written
   */
  public record Outgoing(BlobManifest manifest, Content content) {}

  /**
   * Manifests of a bucket in the order of their keys.
   *
   * @param manifests those that were asked for
   * @param next after which key to go on; empty at the end of the bucket
   */
  public record Page(List<BlobManifest> manifests, Optional<String> next) {
    /** Copies. */
    public Page {
      manifests = List.copyOf(manifests);
    }
  }

  /** What holds while a change of the store is committed. */
  @FunctionalInterface
  public interface Guard {
    /** Makes the change, or throws. */
    <T> T during(Supplier<T> change);
  }

  private final StorageProvider provider;
  private final ContentPipelines pipelines;
  private final Consumer<BucketName> bucketIsThere;
  private final Function<BlobKey, StockChange> booking;
  private final ContentIntake.Workshop workshop;

  /**
   * Makes copies of a store.
   *
   * @param bucketIsThere makes sure that the store has a bucket
   * @param booking announces changes to whoever counts what the store holds
   */
  BlobCopies(
      StorageProvider provider,
      ContentPipelines pipelines,
      Executor executor,
      Consumer<BucketName> bucketIsThere,
      Function<BlobKey, StockChange> booking) {
    this.provider = provider;
    this.bucketIsThere = bucketIsThere;
    this.booking = booking;
    this.pipelines = pipelines;
    this.workshop =
        new ContentIntake.Workshop(
            new FrameBuffers(SMALL, SHARED_BUFFERS),
            new FrameBuffers(LARGE, SHARED_BUFFERS),
            executor);
  }

  /**
   * Makes sure that the store has a bucket that the cluster has.
   *
   * @throws WarehouseException {@code NO_SUCH_BUCKET} where the cluster has none, or is deleting it
   */
  public void requireBucket(BucketName bucket) {
    bucketIsThere.accept(bucket);
  }

  /** Returns the buckets that the store has, sorted. */
  public List<BucketName> buckets() {
    return provider.buckets().stream().map(BucketDefinition::name).toList();
  }

  /** Returns the present version's manifest. */
  public Optional<BlobManifest> find(BlobKey key) {
    return provider.findManifest(key);
  }

  /**
   * Returns the next manifests of keys that are asked for.
   *
   * @param after only keys behind it; all where it is empty
   * @param upTo only keys up to that one
   * @param most how many manifests a page holds at most
   */
  public Page page(
      BucketName bucket, String after, Optional<String> upTo, Predicate<BlobKey> wanted, int most) {
    if (provider.findBucket(bucket).isEmpty()) {
      return new Page(List.of(), Optional.empty());
    }
    List<BlobManifest> found = new ArrayList<>();
    try (ManifestCursor cursor = provider.openCursor(bucket)) {
      if (!after.isEmpty()) {
        cursor.seekAfter(after);
      }
      for (Optional<BlobManifest> next = cursor.next(); next.isPresent(); next = cursor.next()) {
        if (upTo.isPresent() && Utf8Order.compare(next.get().key(), upTo.get()) > 0) {
          break;
        }
        if (wanted.test(next.get().blobKey())) {
          found.add(next.get());
          if (found.size() == most) {
            return new Page(found, Optional.of(next.get().key()));
          }
        }
      }
    }
    return new Page(found, Optional.empty());
  }

  /** Opens the present version; empty where there is none. */
  public Optional<Outgoing> open(BlobKey key) {
    return provider
        .openReader(key)
        .map(
            reader -> {
              try {
                BlobManifest manifest = reader.manifest();
                return new Outgoing(
                    manifest,
                    Content.of(
                        closing(pipelines.open(reader, 0, manifest.size()), reader),
                        OptionalLong.of(manifest.size()),
                        manifest.contentType()));
              } catch (RuntimeException e) {
                reader.close();
                throw e;
              }
            });
  }

  private static InputStream closing(InputStream stream, BlobReader reader) {
    return new FilterInputStream(stream) {
      @Override
      public void close() throws IOException {
        try (reader) {
          super.close();
        }
      }
    };
  }

  /**
   * Stores a version as it is, in place of what there is of that key.
   *
   * @param guard holds while it is committed
   * @param done told of the version that it replaced, where there was one, inside the guard
   * @throws WarehouseException {@code DIGEST_MISMATCH} where the content is not that of the
   *     manifest; nothing is stored then
   */
  public void store(
      BlobManifest manifest, Content content, Guard guard, Consumer<Optional<BlobManifest>> done) {
    List<String> stages = manifest.pipeline();
    try (BlobWriter writer =
        provider.openWriter(
            manifest.blobKey(), pipelines.expectedBytes(stages, content.length()))) {
      ContentIntake.Taken taken = take(manifest, content, writer, stages);
      if (taken.size() != manifest.size() || !taken.etag().equals(manifest.etag())) {
        throw new WarehouseException(
            StandardErrorCode.DIGEST_MISMATCH,
            "the content of '" + manifest.blobKey() + "' did not come as it was sent");
      }
      BlobManifest next =
          taken
              .encoding()
              .map(how -> plain(manifest).withEncoding(stages, how))
              .orElse(plain(manifest));
      guard.during(
          () -> {
            Replaced replaced = new Replaced();
            BlobManifest stored = commit(writer, next, replaced);
            done.accept(replaced.manifest);
            return stored;
          });
    }
  }

  private BlobManifest commit(BlobWriter writer, BlobManifest next, Replaced replaced) {
    try (StockChange change = booking.apply(next.blobKey())) {
      BlobManifest stored;
      try {
        stored =
            writer.commit(
                present -> {
                  replaced.manifest = present;
                  replaced.asked = true;
                  return next;
                });
      } catch (RuntimeException | Error e) {
        if (replaced.asked) {
          change.unknown();
        }
        throw e;
      }
      change.book(replaced.manifest, Optional.of(stored));
      return stored;
    }
  }

  /** Takes what was there out of a commit. Confined to one thread. */
  private static final class Replaced {
    private Optional<BlobManifest> manifest = Optional.empty();
    private boolean asked;
  }

  private ContentIntake.Taken take(
      BlobManifest manifest, Content content, BlobWriter writer, List<String> stages) {
    ContentIntake intake = new ContentIntake(content, size -> {});
    if (stages.isEmpty()) {
      return intake.copyTo(writer, List.of(), workshop);
    }
    ContentDigests digests = new ContentDigests(List.<ContentDigest>of());
    try (ContentEncoder encoder =
        pipelines.encoder(manifest.blobKey(), stages, writer, digests::update)) {
      return intake.copyTo(encoder, digests);
    }
  }

  /** Returns a manifest without what belongs to the store that it comes from. */
  private static BlobManifest plain(BlobManifest manifest) {
    return new BlobManifest(
        manifest.bucket(),
        manifest.key(),
        manifest.size(),
        manifest.size(),
        manifest.contentType(),
        manifest.etag(),
        manifest.context(),
        manifest.createdAt(),
        manifest.lastModified(),
        manifest.tags(),
        List.of(),
        0,
        manifest.pipeline(),
        manifest.deleted());
  }

  /** Returns whether two manifests tell of the same version, wherever it is kept. */
  public static boolean same(BlobManifest one, BlobManifest other) {
    return plain(one).equals(plain(other));
  }

  /**
   * Removes the present version.
   *
   * @param guard holds while it is removed
   * @param done told of the version that was removed, inside the guard
   */
  public void remove(BlobKey key, Guard guard, Consumer<BlobManifest> done) {
    guard.during(
        () -> {
          Optional<BlobManifest> removed = remove(key);
          removed.ifPresent(done);
          return removed;
        });
  }

  private Optional<BlobManifest> remove(BlobKey key) {
    try (StockChange change = booking.apply(key)) {
      Optional<BlobManifest> removed;
      try {
        removed = provider.delete(key, present -> {});
      } catch (RuntimeException | Error e) {
        change.unknown();
        throw e;
      }
      change.book(removed, Optional.empty());
      return removed;
    }
  }
}
