package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.blob.BlobManifest;

/**
 * A version as the store knows it. Immutable.
 *
 * @param manifest what the kernel knows of it
 * @param place where its content lies
 */
record StoredVersion(BlobManifest manifest, ContentPlace place) {}
