/**
 * What happens to content between the blob service and the store: it is cut into frames, each frame
 * goes through the transformers of its bucket, and what comes out is stored, so that the provider
 * knows nothing of it.
 *
 * <p>Writing reads {@link io.datawarehouse.kernel.pipeline.ContentPipelines} → {@code
 * ContentEncoder} → {@code FrameLane} (frames side by side) → {@code FrameCoder} (one frame) →
 * provider; reading {@code ContentPipelines} → {@code DecodedContent} → {@code StoredFrames} →
 * {@code FrameLane} → {@code FrameCoder}. How the stored bytes look is said in {@code FrameLayout}.
 *
 * <p>Locks: {@code FrameLane} alone has one; nothing is called under it.
 *
 * <p>Stability: internal to the product; the layout is versioned by the manifest and kept readable.
 */
@NullMarked
package io.datawarehouse.kernel.pipeline;

import org.jspecify.annotations.NullMarked;
