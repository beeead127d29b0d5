/**
 * A storage plugin whose disk is broken, for the tests to deploy.
 *
 * <p>Stability: tests, nothing depends on them.
 */
@NullMarked
package io.datawarehouse.it.platform.faulty;

import org.jspecify.annotations.NullMarked;
