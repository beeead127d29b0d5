/**
 * The EAR on an unpacked Payara Server, under Arquillian.
 *
 * <p>Stability: tests, nothing depends on them.
 */
@NullMarked
package io.datawarehouse.it.platform.server;

import org.jspecify.annotations.NullMarked;
