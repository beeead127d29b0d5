package io.datawarehouse.plugin.memory;

import io.datawarehouse.sdk.blob.BlobManifest;

/**
 * A version of a blob. Immutable.
 *
 * @param manifest what is known of it
 * @param content its bytes
 */
record MemoryVersion(BlobManifest manifest, Chunks content) {}
