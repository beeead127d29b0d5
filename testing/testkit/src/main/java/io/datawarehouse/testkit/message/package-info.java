/**
 * What every message bus must do, as tests to extend.
 *
 * <p>Stability: public API for plugin authors' tests.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.testkit.message;

import org.jspecify.annotations.NullMarked;
