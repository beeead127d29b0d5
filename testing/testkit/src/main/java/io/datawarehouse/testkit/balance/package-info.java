/**
 * What strategies of balancing and providers of affinity must do, and signals that a test sets.
 *
 * <p>Stability: public API for tests, may change with a minor release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.testkit.balance;

import org.jspecify.annotations.NullMarked;
