/**
 * Providers that say which messages belong together: by blob, by session, by bucket, by tag. Each
 * is a pure class; a bean beside it makes it a plugin.
 *
 * <p>What a message is about stands in its payload, where that is a value of the blob store's, or
 * in its headers, where its sender says so. Payloads that have come encoded are not decoded for it:
 * a provider is asked for every message.
 *
 * <p>Stability: internal; what settings, headers and contracts name stays.
 */
@NullMarked
package io.datawarehouse.plugin.affinity;

import org.jspecify.annotations.NullMarked;
