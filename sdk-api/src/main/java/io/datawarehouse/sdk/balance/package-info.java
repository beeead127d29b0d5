/**
 * Who answers: how a node is chosen for a message, what the choice may look at, and the settings.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.balance;

import org.jspecify.annotations.NullMarked;
