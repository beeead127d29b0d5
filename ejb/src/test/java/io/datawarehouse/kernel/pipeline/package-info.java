/**
 * Tests of the pipelines over real transformers and stores.
 *
 * <p>Stability: tests.
 */
@NullMarked
package io.datawarehouse.kernel.pipeline;

import org.jspecify.annotations.NullMarked;
