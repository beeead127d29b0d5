/**
 * Clusters that exist in a test only, and what those that are real must do.
 *
 * <p>Stability: public API for tests, may change with a minor release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.testkit.cluster;

import org.jspecify.annotations.NullMarked;
