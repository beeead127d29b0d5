/**
 * The runnable jar on Payara Micro, under Arquillian.
 *
 * <p>Stability: tests, nothing depends on them.
 */
@NullMarked
package io.datawarehouse.it.platform.micro;

import org.jspecify.annotations.NullMarked;
