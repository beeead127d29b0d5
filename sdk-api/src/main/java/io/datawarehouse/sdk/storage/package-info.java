/**
 * The service provider interface of a blob store.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.storage;

import org.jspecify.annotations.NullMarked;
