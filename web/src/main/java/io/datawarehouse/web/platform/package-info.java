/**
 * What the server itself gets wrong before the application is asked, put right at its HTTP
 * listener.
 *
 * <p>Stability: internal to the product; tied to Payara 6.
 */
@NullMarked
package io.datawarehouse.web.platform;

import org.jspecify.annotations.NullMarked;
