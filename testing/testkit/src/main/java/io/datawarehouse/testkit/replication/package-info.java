/**
 * What replication strategies and services, conflict resolvers and causal tracking must do.
 *
 * <p>Stability: public API for tests, may change with a minor release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.testkit.replication;

import org.jspecify.annotations.NullMarked;
