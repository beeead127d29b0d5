/**
 * What is counted about requests.
 *
 * <p>Stability: internal to the product; the paths, fields and headers are public.
 */
@NullMarked
package io.datawarehouse.web.metric;

import org.jspecify.annotations.NullMarked;
