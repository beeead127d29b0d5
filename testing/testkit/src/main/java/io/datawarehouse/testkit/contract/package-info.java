/**
 * What contract tests have in common.
 *
 * <p>Stability: public API for tests, may change with a minor release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.testkit.contract;

import org.jspecify.annotations.NullMarked;
