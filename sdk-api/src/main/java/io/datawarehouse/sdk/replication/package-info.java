/**
 * Copies and their versions: who takes a write, what wins, what travels to other sites.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.replication;

import org.jspecify.annotations.NullMarked;
