/**
 * Used by the build alone: lays out the libraries of a node so that few jars hold what many held.
 *
 * <p>Stability: internal. It is in none of the jars that are built.
 */
@NullMarked
package io.datawarehouse.micro.layout;

import org.jspecify.annotations.NullMarked;
