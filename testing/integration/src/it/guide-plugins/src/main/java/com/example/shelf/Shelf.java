package com.example.shelf;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.sdk.storage.ManifestCursor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.Function;

/** The blobs of one bucket, in the order of their keys' bytes. Thread-safe. */
final class Shelf {

  /** One version of a blob. Immutable, so that a reader keeps what it opened. */
  record Version(BlobManifest manifest, byte[] content) implements BlobReader {
    @Override
    public InputStream open(long offset, long length) {
      Objects.checkFromIndexSize(offset, length, content.length);
      return new ByteArrayInputStream(content, (int) offset, (int) length);
    }

    @Override
    public void close() {
      // Holds nothing but memory.
    }
  }

  private final ConcurrentNavigableMap<byte[], Version> versions =
      new ConcurrentSkipListMap<>(Arrays::compareUnsigned);
  private volatile BucketDefinition definition;
  private volatile BucketUsage usage = BucketUsage.EMPTY;
  private boolean closed; // guarded by this

  Shelf(BucketDefinition definition) {
    this.definition = definition;
  }

  BucketDefinition definition() {
    return definition;
  }

  BucketUsage usage() {
    return usage;
  }

  Optional<Version> find(String key) {
    return Optional.ofNullable(versions.get(bytes(key)));
  }

  synchronized boolean redefine(BucketDefinition present, BucketDefinition next) {
    boolean unchanged = !closed && definition.equals(present);
    if (unchanged) {
      definition = next;
    }
    return unchanged;
  }

  synchronized void close() {
    requireOpen();
    if (!versions.isEmpty()) {
      throw new WarehouseException(
          StandardErrorCode.BUCKET_NOT_EMPTY,
          "bucket %s holds %d blobs".formatted(definition.name().value(), usage.blobCount()));
    }
    closed = true;
  }

  /** Decides and stores while no other change can come between. */
  private synchronized BlobManifest store(
      String key, byte[] content, Function<Optional<BlobManifest>, BlobManifest> decide) {
    requireOpen();
    Optional<BlobManifest> before = find(key).map(Version::manifest);
    BlobManifest stored = decide.apply(before).withStoredSize(content.length);
    versions.put(bytes(key), new Version(stored, content));
    count(before.isPresent() ? 0 : 1, stored.size() - before.map(BlobManifest::size).orElse(0L));
    return stored;
  }

  synchronized Optional<BlobManifest> delete(String key, Consumer<BlobManifest> check) {
    Optional<BlobManifest> present = find(key).map(Version::manifest);
    present.ifPresent(
        manifest -> {
          check.accept(manifest);
          versions.remove(bytes(key));
          count(-1, -manifest.size());
        });
    return present;
  }

  private void count(long blobs, long bytes) {
    usage = new BucketUsage(usage.blobCount() + blobs, usage.bytes() + bytes);
  }

  private void requireOpen() {
    if (closed) {
      throw ShelfPlugin.noSuchBucket(definition.name());
    }
  }

  BlobWriter writer(String key) {
    return new BlobWriter() {
      private final ByteArrayOutputStream content = new ByteArrayOutputStream();

      @Override
      public void write(byte[] source, int offset, int length) {
        content.write(source, offset, length);
      }

      @Override
      public BlobManifest commit(Function<Optional<BlobManifest>, BlobManifest> decide) {
        return store(key, content.toByteArray(), decide);
      }

      @Override
      public void close() {
        content.reset();
      }
    };
  }

  ManifestCursor cursor() {
    return new ManifestCursor() {
      private byte[] place = {};
      private boolean after;

      @Override
      public void seek(String key) {
        place = bytes(key);
        after = false;
      }

      @Override
      public void seekAfter(String key) {
        place = bytes(key);
        after = true;
      }

      @Override
      public void seekAfterPrefix(String prefix) {
        // No UTF-8 text holds the byte 0xFF: it comes after all that begin with the prefix.
        byte[] last = bytes(prefix);
        place = Arrays.copyOf(last, last.length + 1);
        place[last.length] = (byte) 0xFF;
        after = false;
      }

      @Override
      public Optional<BlobManifest> next() {
        Map.Entry<byte[], Version> found =
            after ? versions.higherEntry(place) : versions.ceilingEntry(place);
        if (found == null) {
          return Optional.empty();
        }
        place = found.getKey();
        after = true;
        return Optional.of(found.getValue().manifest());
      }

      @Override
      public void close() {
        // Holds nothing but memory.
      }
    };
  }

  private static byte[] bytes(String key) {
    return key.getBytes(StandardCharsets.UTF_8);
  }
}
