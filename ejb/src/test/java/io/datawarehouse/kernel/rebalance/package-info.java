/** Tests of plans that move blobs between nodes. */
@NullMarked
package io.datawarehouse.kernel.rebalance;

import org.jspecify.annotations.NullMarked;
