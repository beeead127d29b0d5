/**
 * The smallest plugin. Copy this module to start your own.
 *
 * <p>Stability: an example; nothing depends on its classes.
 */
@NullMarked
package io.datawarehouse.plugin.echo;

import org.jspecify.annotations.NullMarked;
