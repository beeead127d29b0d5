/**
 * Strategies that choose the node which handles a message. Each is a pure class; a bean beside it
 * makes it a plugin.
 *
 * <p>What is random is computed from a seed and the number of the turn, so that a choice can be
 * told beforehand and comes again under the same seed. Where a strategy compares candidates by what
 * is known of them it compares two that are drawn by weight, not all: when all senders run to the
 * one that looked best a moment ago it is the worst a moment later.
 *
 * <p>Stability: internal; what settings and contracts name stays.
 */
@NullMarked
package io.datawarehouse.plugin.balancing;

import org.jspecify.annotations.NullMarked;
