/**
 * The coordinator on jgroups-raft: a channel of its own, a durable log, and the guards that keep
 * the library to the protocol where it takes a short cut.
 *
 * <p>Lock order: the guard of {@link io.datawarehouse.kernel.coordination.raft.GuardedRaft}, then
 * the state machine, then the log; nothing of the coordinator is held while one of them is taken.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.coordination.raft;

import org.jspecify.annotations.NullMarked;
