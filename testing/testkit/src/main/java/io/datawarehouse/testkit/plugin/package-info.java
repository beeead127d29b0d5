/**
 * What plugins have to do with each other: contract tests and stand-ins for plugins that come and
 * go.
 *
 * <p>Stability: public API for tests, may change with a minor release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.testkit.plugin;

import org.jspecify.annotations.NullMarked;
