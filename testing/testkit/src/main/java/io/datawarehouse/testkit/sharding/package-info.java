/**
 * What strategies that divide the keys of a bucket must do, as tests.
 *
 * <p>Stability: public API for tests.
 */
@NullMarked
package io.datawarehouse.testkit.sharding;

import org.jspecify.annotations.NullMarked;
