/**
 * A node that is killed in the middle of its work, and started again.
 *
 * <p>Stability: tests.
 */
@NullMarked
package io.datawarehouse.it.crash;

import org.jspecify.annotations.NullMarked;
