/**
 * How errors are answered.
 *
 * <p>Stability: internal to the product; the paths, fields and headers are public.
 */
@NullMarked
package io.datawarehouse.web.error;

import org.jspecify.annotations.NullMarked;
