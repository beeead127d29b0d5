/**
 * The message bus: envelopes, topics, payloads, handlers and subscriptions.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.message;

import org.jspecify.annotations.NullMarked;
