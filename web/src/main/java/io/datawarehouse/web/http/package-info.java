/**
 * Reading and writing HTTP: targets, headers, bodies.
 *
 * <p>Stability: internal to the product; the paths, fields and headers are public.
 */
@NullMarked
package io.datawarehouse.web.http;

import org.jspecify.annotations.NullMarked;
