/**
 * What a plugin is: its manifest, its handshake with the kernel, its life cycle and its states.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.plugin;

import org.jspecify.annotations.NullMarked;
