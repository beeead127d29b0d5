/**
 * Named abilities that plugins provide and require, and how the kernel looks them up.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.capability;

import org.jspecify.annotations.NullMarked;
