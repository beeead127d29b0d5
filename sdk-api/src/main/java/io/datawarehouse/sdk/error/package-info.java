/**
 * The one exception type of the warehouse and its stable error codes.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.error;

import org.jspecify.annotations.NullMarked;
