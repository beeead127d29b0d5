/**
 * How the keys of a bucket are divided: into which shards, and which nodes may hold each.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.sharding;

import org.jspecify.annotations.NullMarked;
