package io.datawarehouse.sdk.message;

/** A handler or a subscriber on the bus. Thread-safe. */
public interface Registration extends AutoCloseable {

  /**
   * Takes the handler or subscriber off the bus. New messages no longer reach it; what is being
   * handled goes on. Does nothing the second time.
   */
  @Override
  void close();
}
