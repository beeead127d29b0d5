/**
 * Keys that protect keys, and secrets: where they come from, and how they are held.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.security;

import org.jspecify.annotations.NullMarked;
