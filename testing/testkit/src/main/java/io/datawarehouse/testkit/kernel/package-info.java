/**
 * Stand-ins for what the kernel gives to a plugin, so that a plugin can be started in a plain test:
 * a clock that a test moves, configuration from a map, a bus that calls directly.
 *
 * <p>Stability: public API for tests, may change with a minor release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.testkit.kernel;

import org.jspecify.annotations.NullMarked;
