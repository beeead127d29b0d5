/**
 * Where nodes come from and where they go.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.provision;

import org.jspecify.annotations.NullMarked;
