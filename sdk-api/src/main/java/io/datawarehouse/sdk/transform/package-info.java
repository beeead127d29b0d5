/**
 * The service provider interface of what happens to content on its way to the store: compression
 * and encryption, frame by frame.
 *
 * <p>The kernel cuts content into frames, keeps their order and their index, makes keys and decides
 * what is recorded. A transformer turns the bytes of one frame into others and back.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.transform;

import org.jspecify.annotations.NullMarked;
