/**
 * Tests of the plugin, against the fakes of the test kit.
 *
 * <p>Stability: an example; nothing depends on its classes.
 */
@NullMarked
package io.datawarehouse.plugin.echo;

import org.jspecify.annotations.NullMarked;
