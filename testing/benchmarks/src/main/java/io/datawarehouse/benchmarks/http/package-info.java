/**
 * HTTP: a node against a bare resource and s3proxy.
 *
 * <p>Stability: for measuring only.
 */
@NullMarked
package io.datawarehouse.benchmarks.http;

import org.jspecify.annotations.NullMarked;
