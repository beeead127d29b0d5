package io.datawarehouse.plugin.rocksdb;

import java.util.ArrayDeque;
import java.util.Deque;

/** Native objects that are closed together, last made first. Confined to one thread. */
final class NativeResources implements AutoCloseable {

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  <T extends AutoCloseable> T add(T resource) {
    opened.push(resource);
    return resource;
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException("closing a native object failed", e);
      }
    }
  }
}
