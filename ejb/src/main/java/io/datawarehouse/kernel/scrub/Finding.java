package io.datawarehouse.kernel.scrub;

import io.datawarehouse.sdk.blob.BlobKey;
import java.time.Instant;

/**
 * A blob that is not as it was stored. Immutable.
 *
 * @param blob which
 * @param reason what is wrong with it, in words
 * @param foundAt when that was found first
 */
public record Finding(BlobKey blob, String reason, Instant foundAt) {}
