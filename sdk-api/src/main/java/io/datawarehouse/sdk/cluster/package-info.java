/**
 * Nodes and what a plugin may know of the cluster it runs in.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.cluster;

import org.jspecify.annotations.NullMarked;
