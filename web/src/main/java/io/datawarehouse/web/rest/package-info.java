/**
 * The REST API: HTTP in, messages out, and back.
 *
 * <p>Stability: internal to the product; the paths, fields and headers are public.
 */
@NullMarked
package io.datawarehouse.web.rest;

import org.jspecify.annotations.NullMarked;
