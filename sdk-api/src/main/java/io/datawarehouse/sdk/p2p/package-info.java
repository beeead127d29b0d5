/**
 * Peers that talk to each other without a centre: small messages, rumours, copies of content.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.p2p;

import org.jspecify.annotations.NullMarked;
