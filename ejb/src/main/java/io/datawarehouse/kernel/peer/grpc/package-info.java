/**
 * Links between nodes over gRPC: one stream of batches for each pair of nodes, and streams of their
 * own for contents. No generated code: the two methods carry bytes in the form of {@link
 * io.datawarehouse.kernel.peer.Batch}.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.peer.grpc;

import org.jspecify.annotations.NullMarked;
