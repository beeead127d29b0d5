/** Tests of the cluster as a node knows it. */
@NullMarked
package io.datawarehouse.kernel.cluster;

import org.jspecify.annotations.NullMarked;
