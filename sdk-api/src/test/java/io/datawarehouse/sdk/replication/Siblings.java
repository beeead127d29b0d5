package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Versions for tests. */
final class Siblings {

  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private Siblings() {}

  static Sibling of(String etag, DottedVersion version, boolean deleted) {
    return at("key", etag, version, deleted);
  }

  static Sibling at(String key, String etag, DottedVersion version, boolean deleted) {
    return new Sibling(manifest(key, etag, version.dot().counter(), deleted), version);
  }

  static BlobManifest manifest(String key, String etag, long second, boolean deleted) {
    return new BlobManifest(
        new BucketName("bucket"),
        key,
        etag.length(),
        etag.length(),
        "text/plain",
        etag,
        "context",
        START,
        START.plusSeconds(second),
        Map.of(),
        List.of(),
        0,
        List.of(),
        deleted);
  }

  static DottedVersion version(String node, long counter, VersionVector past) {
    return new DottedVersion(new Dot(new NodeId(node), counter), past);
  }
}
