/**
 * Membership on Infinispan and JGroups: who is there is JGroups' view, what each says of itself is
 * a replicated cache in which every node writes its own records alone.
 *
 * <p>Lock order: the lock of {@code MembershipTable} and those of {@code ReplicatedRecords} are
 * leaves; nothing is called under them that could take another.
 *
 * <p>Stability: internal to the product. Loaded only where clusters are switched on.
 */
@NullMarked
package io.datawarehouse.kernel.cluster.infinispan;

import org.jspecify.annotations.NullMarked;
