package io.datawarehouse.testkit.storage;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;

/** Short ways to fill a store and to look into it. */
public final class StoredBlobs {

  private static final Instant TIME = Instant.parse("2026-01-01T00:00:00.123Z");

  private StoredBlobs() {}

  /** Makes a bucket of which nothing special is asked. */
  public static BucketName bucket(StorageProvider provider, String name) {
    BucketName bucket = new BucketName(name);
    provider.createBucket(new BucketDefinition(bucket, BucketSettings.none(), TIME));
    return bucket;
  }

  /** Writes a version whatever was there before. */
  public static BlobManifest put(StorageProvider provider, BlobKey key, byte[] content) {
    return put(provider, key, content, Map.of());
  }

  /** Writes a version with tags whatever was there before. */
  public static BlobManifest put(
      StorageProvider provider, BlobKey key, byte[] content, Map<String, String> tags) {
    try (BlobWriter writer = provider.openWriter(key, OptionalLong.of(content.length))) {
      writer.write(content, 0, content.length);
      return writer.commit(present -> manifest(key, content, tags));
    }
  }

  /** Returns the present version's content. */
  public static Optional<byte[]> get(StorageProvider provider, BlobKey key) {
    Optional<BlobReader> opened = provider.openReader(key);
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    try (BlobReader reader = opened.get()) {
      return Optional.of(read(reader, 0, reader.manifest().size()));
    }
  }

  /** Reads a part of a version. */
  public static byte[] read(BlobReader reader, long offset, long length) {
    try (var stream = reader.open(offset, length)) {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the manifests of a bucket as the cursor shows them. */
  public static List<BlobManifest> list(StorageProvider provider, BucketName bucket) {
    List<BlobManifest> all = new ArrayList<>();
    try (ManifestCursor cursor = provider.openCursor(bucket)) {
      for (var next = cursor.next(); next.isPresent(); next = cursor.next()) {
        all.add(next.get());
      }
    }
    return all;
  }

  /** Returns the keys of a bucket as the cursor shows them. */
  public static List<String> keys(StorageProvider provider, BucketName bucket) {
    return list(provider, bucket).stream().map(BlobManifest::key).toList();
  }

  /** Returns a manifest for content. */
  public static BlobManifest manifest(BlobKey key, byte[] content, Map<String, String> tags) {
    return new BlobManifest(
        key.bucket(),
        key.key(),
        content.length,
        0,
        "application/octet-stream",
        sha256(content),
        "context",
        TIME,
        TIME,
        tags,
        List.of(),
        0,
        List.of(),
        false);
  }

  /** Returns random bytes. */
  public static byte[] random(Random random, int size) {
    byte[] content = new byte[size];
    random.nextBytes(content);
    return content;
  }

  /** Returns the SHA-256 of content in hexadecimal digits. */
  public static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
