/**
 * The main class of the runnable jar: reads where to listen, starts Payara Micro with the
 * application inside, and ends the process when the application did not start.
 *
 * <p>Stability: internal. The system properties {@code dw.bind}, {@code dw.port} and {@code
 * dw.log.dir} are public.
 */
@NullMarked
package io.datawarehouse.micro;

import org.jspecify.annotations.NullMarked;
