/**
 * What the kernel hands to a plugin: clock, configuration, durable storage, executor, bus.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.kernel;

import org.jspecify.annotations.NullMarked;
