/** Tests of who owns which segment. */
@NullMarked
package io.datawarehouse.kernel.placement;

import org.jspecify.annotations.NullMarked;
