package io.datawarehouse.sdk.cluster;

/**
 * A listener that was put somewhere. Thread-safe.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface Watch extends AutoCloseable {

  /**
   * Takes the listener off. A call to it that is under way goes on, no new one begins. Does nothing
   * the second time; never throws.
   */
  @Override
  void close();
}
