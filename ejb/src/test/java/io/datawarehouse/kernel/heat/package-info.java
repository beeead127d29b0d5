/** Tests of how warm segments are. */
@NullMarked
package io.datawarehouse.kernel.heat;

import org.jspecify.annotations.NullMarked;
