package io.datawarehouse.testkit.replication;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.replication.Dot;
import io.datawarehouse.sdk.replication.DottedVersion;
import io.datawarehouse.sdk.replication.Sibling;
import io.datawarehouse.sdk.replication.VersionVector;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Versions of blobs for tests. */
public final class Versions {

  /** When the first of all versions was written. */
  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private Versions() {}

  /** Makes the manifest of a content that was written that many seconds after {@link #START}. */
  public static BlobManifest manifest(
      BlobKey key, Bytes content, String contentType, String context, long second) {
    return new BlobManifest(
        key.bucket(),
        key.key(),
        content.size(),
        content.size(),
        contentType,
        sha256(content),
        context,
        START,
        START.plusSeconds(second),
        Map.of(),
        List.of(),
        0,
        List.of(),
        false);
  }

  /** Makes the manifest of a deletion. */
  public static BlobManifest deletion(BlobKey key, String context, long second) {
    BlobManifest empty = manifest(key, Bytes.empty(), "application/x-none", context, second);
    return new BlobManifest(
        empty.bucket(),
        empty.key(),
        0,
        0,
        empty.contentType(),
        empty.etag(),
        context,
        START,
        empty.lastModified(),
        Map.of(),
        List.of(),
        0,
        List.of(),
        true);
  }

  /** Makes a version that a node wrote as the how-manieth of its writes, having seen that. */
  public static Sibling sibling(
      BlobManifest manifest, String node, long counter, VersionVector past) {
    return new Sibling(manifest, new DottedVersion(new Dot(new NodeId(node), counter), past));
  }

  /** Returns the SHA-256 of a content, as manifests have it. */
  public static String sha256(Bytes content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.toArray());
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JVM has SHA-256", e);
    }
  }
}
