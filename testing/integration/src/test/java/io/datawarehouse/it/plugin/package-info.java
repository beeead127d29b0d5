/**
 * Plugins of others: built apart from the product, then added to it.
 *
 * <p>Stability: tests.
 */
@NullMarked
package io.datawarehouse.it.plugin;

import org.jspecify.annotations.NullMarked;
