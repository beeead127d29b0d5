/**
 * Tests of who hears what.
 *
 * <p>Stability: tests only.
 */
@NullMarked
package io.datawarehouse.kernel.subscription;

import org.jspecify.annotations.NullMarked;
