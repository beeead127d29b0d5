/**
 * What the cluster agrees on: small registries of versioned entries, the same on every node because
 * every node applies the same proposals in the same order.
 *
 * <p>A change runs, top to bottom: {@code raft.RaftCoordinator} → {@link
 * io.datawarehouse.kernel.coordination.Proposal} in its binary form → the replicated log → {@link
 * io.datawarehouse.kernel.coordination.RegistryStateMachine}. Before there is a log there is {@link
 * io.datawarehouse.kernel.coordination.GroupFounding}: nodes that have none agree on one.
 *
 * <p>Stability: internal to the product; the binary forms are kept readable from release to
 * release.
 */
@NullMarked
package io.datawarehouse.kernel.coordination;

import org.jspecify.annotations.NullMarked;
