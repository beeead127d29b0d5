/**
 * Encryption of content on its way to the store, with the ciphers of the Java platform. Keys, their
 * wrapping and what is authenticated beside a frame are the kernel's business.
 *
 * <p>Stability: internal; what it once encrypted stays readable.
 */
@NullMarked
package io.datawarehouse.plugin.encryption;

import org.jspecify.annotations.NullMarked;
