/**
 * What the way to another kernel must do.
 *
 * <p>Stability: public API for tests, may change with a minor release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.testkit.federation;

import org.jspecify.annotations.NullMarked;
