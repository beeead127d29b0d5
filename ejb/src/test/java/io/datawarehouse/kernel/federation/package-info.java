/**
 * Tests of the federated bus.
 *
 * <p>Stability: tests only.
 */
@NullMarked
package io.datawarehouse.kernel.federation;

import org.jspecify.annotations.NullMarked;
