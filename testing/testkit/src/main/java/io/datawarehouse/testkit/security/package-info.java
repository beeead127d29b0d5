/**
 * Contract tests of the interfaces in {@code io.datawarehouse.sdk.security}.
 *
 * <p>Stability: public API of the test kit.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.testkit.security;

import org.jspecify.annotations.NullMarked;
