/**
 * Tests of the deployables on their platforms: the runnable jar on Payara Micro, the EAR on Payara
 * Server, and the command {@code bin/dw}.
 *
 * <p>Stability: tests, nothing depends on them.
 */
@NullMarked
package io.datawarehouse.it.platform;

import org.jspecify.annotations.NullMarked;
