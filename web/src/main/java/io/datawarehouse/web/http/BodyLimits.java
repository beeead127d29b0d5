package io.datawarehouse.web.http;

import java.time.Duration;

/**
 * How long a sender may take. Immutable.
 *
 * @param stallTimeout the longest time without a byte
 * @param leastBytesPerSecond the least rate, averaged over all time spent waiting
 * @param grace how much waiting comes before the rate counts
 */
public record BodyLimits(Duration stallTimeout, long leastBytesPerSecond, Duration grace) {}
