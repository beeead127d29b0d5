/**
 * Who calls, and what they may do.
 *
 * <p>Stability: internal to the product; the paths, fields and headers are public.
 */
@NullMarked
package io.datawarehouse.web.security;

import org.jspecify.annotations.NullMarked;
