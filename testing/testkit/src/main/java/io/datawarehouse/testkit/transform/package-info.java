/**
 * What a transformer of content must do, as tests that its author runs.
 *
 * <p>Stability: public API for tests, may change with a minor release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.testkit.transform;

import org.jspecify.annotations.NullMarked;
