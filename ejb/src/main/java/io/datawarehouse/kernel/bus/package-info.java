/**
 * The message bus inside one process: lanes, queues, deadlines, topics.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.bus;

import org.jspecify.annotations.NullMarked;
