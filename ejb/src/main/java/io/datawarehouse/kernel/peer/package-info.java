/**
 * What goes over the wire between two nodes: frames and their form, handshake, queues that hold
 * senders back. Nothing here knows what carries the bytes; that is an adapter beside it.
 *
 * <p>Stability: internal to the product. The form on the wire is versioned, see {@link
 * io.datawarehouse.kernel.peer.FrameCodec}.
 */
@NullMarked
package io.datawarehouse.kernel.peer;

import org.jspecify.annotations.NullMarked;
