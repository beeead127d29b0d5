/**
 * What networks of peers, gossip and the distribution of copies must do.
 *
 * <p>Stability: public API for tests, may change with a minor release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.testkit.p2p;

import org.jspecify.annotations.NullMarked;
