/**
 * Keeping a failure where it is: circuit breakers and bulkheads.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.resilience;

import org.jspecify.annotations.NullMarked;
