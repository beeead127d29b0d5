/**
 * Networks that are worse than the real one.
 *
 * <p>Stability: public API for tests, may change with a minor release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.testkit.network;

import org.jspecify.annotations.NullMarked;
