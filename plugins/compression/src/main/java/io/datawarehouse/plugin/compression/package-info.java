/**
 * Compression of content on its way to the store. Each frame is compressed on its own; whether the
 * result is kept is the kernel's decision.
 *
 * <p>Stability: internal; what it once compressed stays readable.
 */
@NullMarked
package io.datawarehouse.plugin.compression;

import org.jspecify.annotations.NullMarked;
