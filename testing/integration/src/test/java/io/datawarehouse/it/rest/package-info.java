/**
 * The REST API of a real node in a process of its own, spoken to over plain sockets where a client
 * must be able to misbehave.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.it.rest;

import org.jspecify.annotations.NullMarked;
