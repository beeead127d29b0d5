/**
 * Another kernel as this one sees it: handshake, manifests, content both ways.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.federation;

import org.jspecify.annotations.NullMarked;
