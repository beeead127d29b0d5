/**
 * The rules that the product's classes and POMs obey, checked against the product and against
 * fixtures that break them.
 *
 * <p>Stability: internal to the build.
 */
@NullMarked
package io.datawarehouse.architecture;

import org.jspecify.annotations.NullMarked;
