/**
 * Tests of frames, queues and the arbitration of links.
 *
 * <p>Stability: tests only.
 */
@NullMarked
package io.datawarehouse.kernel.peer;

import org.jspecify.annotations.NullMarked;
