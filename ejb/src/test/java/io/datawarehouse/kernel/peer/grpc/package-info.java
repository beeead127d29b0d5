/**
 * Tests of links over gRPC.
 *
 * <p>Stability: tests only.
 */
@NullMarked
package io.datawarehouse.kernel.peer.grpc;

import org.jspecify.annotations.NullMarked;
