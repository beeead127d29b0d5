/** Tests of the circuits to other nodes. */
@NullMarked
package io.datawarehouse.kernel.resilience.smallrye;

import org.jspecify.annotations.NullMarked;
