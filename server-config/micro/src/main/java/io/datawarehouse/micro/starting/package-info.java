/**
 * What a node answers while it starts, and while it goes.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.micro.starting;

import org.jspecify.annotations.NullMarked;
