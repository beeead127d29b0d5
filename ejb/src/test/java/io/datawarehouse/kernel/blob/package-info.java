/**
 * Tests of the blob service over a store in memory.
 *
 * <p>Stability: tests.
 */
@NullMarked
package io.datawarehouse.kernel.blob;

import org.jspecify.annotations.NullMarked;
