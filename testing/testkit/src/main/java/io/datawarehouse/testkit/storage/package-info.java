/**
 * What a storage plugin must do, as tests that its author runs, and helpers to check a store after
 * a crash.
 *
 * <p>Stability: public API for tests, may change with a minor release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.testkit.storage;

import org.jspecify.annotations.NullMarked;
