/**
 * Counters, timers and gauges, independent of the library behind them.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.metric;

import org.jspecify.annotations.NullMarked;
