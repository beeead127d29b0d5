/**
 * Blob storage in memory, for tests and demonstrations: nothing outlives the node.
 *
 * <p>Lock order: {@code MemoryStore}'s bucket monitors are the only locks.
 *
 * <p>Stability: internal.
 */
@NullMarked
package io.datawarehouse.plugin.memory;

import org.jspecify.annotations.NullMarked;
