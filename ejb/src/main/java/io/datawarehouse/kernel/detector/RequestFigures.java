package io.datawarehouse.kernel.detector;

import java.util.function.LongSupplier;

/**
 * What a node counts of its requests. Immutable.
 *
 * @param active how many are being served now
 * @param served how many were served since the start
 * @param nanos how long these took, all together
 */
public record RequestFigures(LongSupplier active, LongSupplier served, LongSupplier nanos) {}
